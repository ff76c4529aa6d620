import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({
  ratio: z.number().min(0).max(0.9).default(0.2).meta({
    title: 'Ratio',
    step: 0.01,
    description:
      'Share of the columns of the residual stream that go. 0 changes nothing but how the model is written; 0.2 is usually bearable, and healed by a short training.',
  }),
  rotation: z.enum(['one', 'none']).default('one').meta({
    title: 'Rotation',
    description:
      '"one" turns the whole stream to the principal components of what flows through it before cutting; "none" cuts the columns that carry least as they are, for comparison.',
  }),
  multiple: z.literal([1, 4, 8, 16, 32]).default(8).meta({
    title: 'Multiple',
    unit: 'columns',
    advanced: true,
    description:
      'The width is rounded to a multiple of this, because processors work on several numbers at once.',
  }),
});

export const meta = {
  id: 'hidden-width',
  family: 'pruning',
  title: 'Hidden width',
  summary:
    'Rotates the residual stream to its principal components and cuts the last columns of every weight that writes or reads it.',
  plain:
    'All parts of a transformer speak to each other through one stream of numbers; it is turned so that the unimportant numbers come last, and these are taken out everywhere.',
  paper: {
    authors: 'Ashkboos et al.',
    year: 2024,
    title: 'SliceGPT: Compress Large Language Models by Deleting Rows and Columns',
    arxiv: '2401.15024',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Gather', 'Conv'],
  options,
  pictures: 'none',
  short: ({ ratio, rotation }) =>
    `${Math.round(100 * ratio)} %${rotation === 'none' ? ' unrotated' : ''}`,
} as const satisfies MethodMeta<typeof options>;
