import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import {
  isSized,
  leaves,
  OPEN_SIZE,
  scheduledFields,
  scheduledShort,
} from '../scheduled/options.ts';

export const options = z
  .strictObject({
    ...scheduledFields,
    // WHY 1: a weight that stays where it is has a score near 0 and goes early; its gradient then calls it back, if
    // masks are renewed often enough.
    interval: scheduledFields.interval.default(1),
  })
  .refine(isSized, OPEN_SIZE)
  .refine(leaves(2), {
    path: ['start'],
    message:
      'movement is seen from at least one step and followed by another; start earlier or train longer',
  });

export const meta = {
  id: 'movement',
  family: 'pruning',
  title: 'Movement pruning',
  summary:
    'Prunes the weights that training moves towards zero (score −Σ η·w·∂L/∂w) along a cubic schedule, straight through the mask.',
  plain:
    'Watches where training pushes each weight, and removes those on their way to zero, whatever their size is now.',
  paper: {
    authors: 'Sanh, Wolf, Rush',
    year: 2020,
    title: 'Movement Pruning: Adaptive Sparsity by Fine-Tuning',
    arxiv: '2005.07683',
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
