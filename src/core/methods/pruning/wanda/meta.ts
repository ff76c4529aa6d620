import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { pruningFields, pruningShort, ratioFields, storeFields } from '../pruning-options.ts';

export const options = z.strictObject({
  ...pruningFields,
  sequential: z.boolean().default(true).meta({
    title: 'Sequential',
    advanced: true,
    description:
      'Each layer is calibrated on what the already pruned layers before it produce. Slower, usually better.',
  }),
  ...storeFields,
  ...ratioFields,
});

export const meta = {
  id: 'wanda',
  family: 'pruning',
  title: 'Wanda',
  summary: 'Zeroes the smallest |w|·‖x‖₂ of every output row, unstructured or N:M, calibrated.',
  plain:
    'Sets to zero the weights that matter least for real inputs: small weights, and weights whose input is mostly quiet. The file keeps its size until it is stored sparsely or zipped.',
  paper: {
    authors: 'Sun, Liu, Bair, Kolter',
    year: 2023,
    title: 'A Simple and Effective Pruning Approach for Large Language Models',
    arxiv: '2306.11695',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'magnitude',
  options,
  pictures: 'weight',
  short: pruningShort,
} as const satisfies MethodMeta<typeof options>;
