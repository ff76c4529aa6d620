import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { sequentialField, solverFields } from '../calibrated-fields.ts';
import { pruningFields, pruningShort, ratioFields, storeFields } from '../pruning-options.ts';

export const options = z.strictObject({
  ...pruningFields,
  steps: z.int().min(1).max(10_000).default(300).meta({
    title: 'Steps',
    advanced: true,
    description:
      'The most steps of the search for which weights stay. It ends earlier once they hardly change, mostly after 30 to 100.',
  }),
  refinements: z.int().min(0).max(1000).default(10).meta({
    title: 'Refinements',
    advanced: true,
    description: 'Steps of conjugate gradients for the weights that stay, once they are chosen.',
  }),
  ...solverFields,
  ...sequentialField,
  ...storeFields,
  ...ratioFields,
});

export const meta = {
  id: 'alps',
  family: 'pruning',
  title: 'ALPS',
  summary:
    'Chooses the support by ADMM on the whole layer, then solves for the weights on it by conjugate gradients.',
  plain:
    'Searches for the weights that together keep each layer’s output best, and then sets those that stay to their best values. Slower than SparseGPT and better, most of all when much is removed.',
  paper: {
    authors: 'Meng, Behdin, Wang, Mazumder',
    year: 2024,
    title:
      'ALPS: Improved Optimization for Highly Sparse One-Shot Pruning for Large Language Models',
    arxiv: '2406.07831',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'sparsegpt',
  options,
  pictures: 'weight',
  short: pruningShort,
} as const satisfies MethodMeta<typeof options>;
