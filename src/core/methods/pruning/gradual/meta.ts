import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import {
  isSized,
  leaves,
  OPEN_SIZE,
  scheduledFields,
  scheduledShort,
} from '../scheduled/options.ts';

const { sparsity, pattern, scope, store, ...rest } = scheduledFields;

export const options = z
  .strictObject({
    ...{ sparsity, pattern, scope, store },
    initialSparsity: z.number().min(0).max(1).default(0).meta({
      title: 'Sparsity at first',
      step: 0.01,
      advanced: true,
      description: 'What the first pruning takes at once. Never more than the final sparsity.',
    }),
    ...rest,
  })
  .refine(isSized, OPEN_SIZE)
  .refine(leaves(1), {
    path: ['start'],
    message: 'the first pruning would come after the last step; start earlier or train longer',
  });

export const meta = {
  id: 'gradual',
  family: 'pruning',
  title: 'Gradual pruning',
  summary:
    'Prunes by magnitude a little at a time along a cubic schedule while the weights are trained, towards the original or the labels.',
  plain:
    'Removes the smallest weights bit by bit, and lets the model practise in between, so that it gets used to each loss.',
  paper: {
    authors: 'Zhu, Gupta',
    year: 2017,
    title: 'To prune, or not to prune: exploring the efficacy of pruning for model compression',
    arxiv: '1710.01878',
  },
  cost: 'high',
  needs: ['calibration', 'training'],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'magnitude',
  options,
  pictures: 'none',
  loss: 'teacher',
  short: scheduledShort,
} as const satisfies MethodMeta<typeof options>;
