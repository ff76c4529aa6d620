import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { sequentialField } from '../calibrated-fields.ts';
import { pruningFields, pruningShort, ratioFields, storeFields } from '../pruning-options.ts';

export const options = z.strictObject({
  ...pruningFields,
  swaps: z.int().min(0).max(10_000).default(50).meta({
    title: 'Swaps',
    advanced: true,
    description: 'The most weights of an output that change places: one comes back, one goes.',
  }),
  threshold: z.number().min(0).max(1e6).default(0.1).meta({
    title: 'Threshold',
    advanced: true,
    step: 0.1,
    description:
      'An output is left alone once its error, summed over 2048 tokens, is no larger than this.',
  }),
  sameSign: z.boolean().default(false).meta({
    title: 'Stop before the sign turns',
    advanced: true,
    description:
      'Ends an output’s swaps before its error would change its sign. N:M patterns always do.',
  }),
  guarded: z.boolean().default(true).meta({
    title: 'Guarded',
    description:
      'Swaps only where the expected square of the error falls, mean and variance together. The paper’s rule looks at the mean alone, which does harm in narrow layers.',
  }),
  ...sequentialField,
  ...storeFields,
  ...ratioFields,
});

export const meta = {
  id: 'dsnot',
  family: 'pruning',
  title: 'DSnoT',
  summary:
    'Swaps pruned and kept weights of Wanda’s mask until each output’s mean error is gone; no weight changes.',
  plain:
    'Starts from Wanda’s choice and swaps weights in and out until the outputs are right on average. The weights that stay are not changed.',
  paper: {
    authors: 'Zhang, Zhao, Lin, Sun, Yao, Han, Tanner, Liu, Ji',
    year: 2023,
    title: 'Dynamic Sparse No Training: Training-Free Fine-tuning for Sparse LLMs',
    arxiv: '2310.08915',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'wanda',
  options,
  pictures: 'weight',
  short: pruningShort,
} as const satisfies MethodMeta<typeof options>;
