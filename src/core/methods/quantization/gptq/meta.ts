import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import {
  gridFields,
  SEARCH_PROBLEM,
  searchesWhatMoves,
  tied,
  uniformFields,
  uniformNames,
} from '../uniform-options.ts';

export const options = z
  .strictObject({
    bits: uniformFields.bits,
    blockSize: z.literal([16, 32, 64, 128, 256, 'channel']).default(32).meta({
      title: 'Block size',
      description:
        'How many weights share one scale. Smaller blocks follow the weights more closely but store more scales; "channel" gives each output one scale.',
    }),
    symmetric: uniformFields.symmetric,
    clip: gridFields.clip,
    scales: gridFields.scales,
    zeros: gridFields.zeros,
    refine: gridFields.refine,
    damping: z.number().min(0).max(1).default(0.01).meta({
      title: 'Damping',
      advanced: true,
      step: 0.01,
      description:
        'Share of the mean second moment added to every column, so that rarely active columns do not blow up. Raise it when calibration data is short.',
    }),
    tied,
    order: z.enum(['columns', 'activation', 'blocks']).default('columns').meta({
      title: 'Order',
      advanced: true,
      description:
        'Which columns are rounded first. "activation" begins with the most active ones, while there is most room to correct their errors, and needs fixed grids where blocks share scales; "blocks" does so inside each block and among blocks, so that every block keeps its columns.',
    }),
    staticGroups: z.boolean().default(false).meta({
      title: 'Fixed grids',
      advanced: true,
      description:
        'Chooses the scales of all blocks before any weight is changed. Required for the order "activation" with blocks, so that a block keeps its columns.',
    }),
    sequential: z.boolean().default(true).meta({
      title: 'Sequential',
      advanced: true,
      description:
        'Each layer is calibrated on what the already compressed layers before it produce, so that their errors are corrected too. Slower, usually better.',
    }),
  })
  .refine((o) => o.order !== 'activation' || o.staticGroups || o.blockSize === 'channel', {
    path: ['order'],
    message:
      'activation order scatters the columns of a block, which no file format can store; use the order "blocks", or set staticGroups to true or blockSize to "channel"',
  })
  .refine(searchesWhatMoves, SEARCH_PROBLEM);

export const meta = {
  id: 'gptq',
  family: 'quantization',
  title: 'GPTQ',
  summary:
    'Column-wise rounding with second-order error feedback through the inverse Hessian, calibrated.',
  plain:
    'Rounds the weights one column at a time and lets the remaining ones make up for each error, judged on real data.',
  paper: {
    authors: 'Frantar, Ashkboos, Hoefler, Alistarh',
    year: 2022,
    title: 'GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers',
    arxiv: '2210.17323',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  upgrade: ({ actOrder, ...options }) =>
    typeof actOrder === 'boolean'
      ? { order: actOrder ? 'activation' : 'columns', ...options }
      : { ...options, ...(actOrder !== undefined && { actOrder }) },
  ...uniformNames,
} as const satisfies MethodMeta<typeof options>;
