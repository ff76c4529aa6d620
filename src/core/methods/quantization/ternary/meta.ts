import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { tiedWhen, uniformFields } from '../uniform-options.ts';

export const options = z.strictObject({
  threshold: z.enum(['optimal', 'twn', 'alternating']).default('optimal').meta({
    title: 'Threshold',
    description:
      'Below which size weights become 0. "optimal" is the one of least error in each block, "twn" 0.7 of the mean size, "alternating" (PT²-LLM) also lets the three values lie off zero: a little better, but no kernel multiplies with them directly.',
  }),
  blockSize: z.literal([16, 32, 64, 128, 256, 'channel']).default(64).meta({
    title: 'Block size',
    description:
      'How many weights share their three values. Smaller blocks follow the weights more closely but store more scales; "channel" gives each output its own.',
  }),
  scales: uniformFields.scales,
  align: z.boolean().default(false).meta({
    title: 'Align to activations',
    description:
      'Afterwards moves the values of each block to where calibration data says the output changes least. Embeddings stay as they are.',
  }),
  sequential: z
    .boolean()
    .default(true)
    .meta({
      title: 'Sequential',
      advanced: true,
      when: { option: 'align', in: [true] },
      description:
        'Each layer is calibrated on what the already compressed layers before it produce, so that their errors are corrected too. Slower, usually better.',
    }),
  tied: tiedWhen('align'),
});

export const meta = {
  id: 'ternary',
  family: 'quantization',
  title: 'Ternary',
  summary:
    'Three values per block (TWN, the exact best threshold, or PT²-LLM with grids aligned to activations), stored in 2 bits per weight.',
  plain:
    'Keeps of every weight only whether it is negative, about zero, or positive; rarely usable without training afterwards. Stored in 2 bits, as nothing narrower runs.',
  paper: {
    authors: 'Li, Liu, Wang, Zhang, Yan',
    year: 2016,
    title: 'Ternary Weight Networks',
    arxiv: '1605.04711',
  },
  cost: 'low',
  needs: [],
  needsWith: ({ align }) => (align ? ['calibration'] : []),
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'round-to-nearest',
  baselineOptions: ({ threshold }) => ({ bits: 2, symmetric: threshold !== 'alternating' }),
  options,
  pictures: 'weight',
  short: ({ threshold, blockSize, align }) => `${threshold} ${blockSize}${align ? ' aligned' : ''}`,
  suffix: () => 'q2',
} as const satisfies MethodMeta<typeof options>;
