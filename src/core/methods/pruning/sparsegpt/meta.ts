import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { uniformFields } from '../../quantization/uniform-options.ts';
import { sequentialField, solverFields } from '../calibrated-fields.ts';
import { pruningFields, pruningShort, ratioFields, storeFields } from '../pruning-options.ts';

const QUANTIZED = { option: 'bits', in: [8, 4, 3, 2] };

export const options = z
  .strictObject({
    ...pruningFields,
    bits: z.literal(['none', 8, 4, 3, 2]).default('none').meta({
      title: 'Bits',
      unit: 'bits',
      description:
        'Also rounds what stays to so many bits, in the same pass, so that each error is made up for once. "none" only prunes.',
    }),
    blockSize: z.literal([16, 32, 64, 128, 256, 'channel']).default(32).meta({
      title: 'Block size',
      when: QUANTIZED,
      description:
        'How many weights share one scale. Smaller blocks follow the weights more closely but store more scales; "channel" gives each output one scale.',
    }),
    symmetric: z.boolean().default(true).meta({
      title: 'Symmetric',
      advanced: true,
      when: QUANTIZED,
      description:
        'Symmetric grids are centred on zero and store only a scale. Asymmetric grids also store a zero point. Zero itself is exact on both.',
    }),
    scales: uniformFields.scales.meta({
      title: 'Scale type',
      advanced: true,
      when: QUANTIZED,
      description: 'Half-precision scales save 16 bits per block.',
    }),
    ...solverFields,
    ...sequentialField,
    ...storeFields,
    ...ratioFields,
  })
  .refine((o) => o.bits === 'none' || o.store === undefined, {
    path: ['store'],
    message:
      'codes are stored for every weight, also where it is zero; set store to "dense" or bits to "none"',
  });

export const meta = {
  id: 'sparsegpt',
  family: 'pruning',
  title: 'SparseGPT',
  summary:
    'Column-wise pruning by w²/U² with second-order error feedback, unstructured or N:M, also joint with rounding.',
  plain:
    'Sets weights to zero one column at a time and lets the remaining ones make up for each loss, judged on real data. The file keeps its size until it is stored sparsely, zipped or quantized.',
  paper: {
    authors: 'Frantar, Alistarh',
    year: 2023,
    title: 'SparseGPT: Massive Language Models Can Be Accurately Pruned in One-Shot',
    arxiv: '2301.00774',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'wanda',
  options,
  pictures: 'weight',
  short: (o) => (o.bits === 'none' ? pruningShort(o) : `${pruningShort(o)}, ${o.bits} bits`),
  suffix: ({ bits }) => (bits === 'none' ? '' : `q${bits}`),
} as const satisfies MethodMeta<typeof options>;
