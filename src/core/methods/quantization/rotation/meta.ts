import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({
  rotation: z.enum(['hadamard', 'orthogonal']).default('hadamard').meta({
    title: 'Rotation',
    description:
      'What the residual stream is turned by: a Hadamard matrix with drawn signs, which spreads every outlier evenly over the columns (where the width is no power of two, joined with a small drawn rotation), or a drawn rotation of the whole width.',
  }),
});

export const meta = {
  id: 'rotation',
  family: 'quantization',
  title: 'Rotation',
  summary:
    'Rotates the residual stream by a seeded Hadamard or orthogonal matrix fused into the weights: the same function without outlier channels, for any quantizer after it.',
  plain:
    'Turns the stream of numbers through which the parts of a transformer speak to each other, so that no number stands out any more; the model computes the same and loses less when it is rounded afterwards.',
  paper: {
    authors: 'Ashkboos, Mohtashami, Croci, Li, Cameron, Jaggi, Alistarh, Hoefler, Hensman',
    year: 2024,
    title: 'QuaRot: Outlier-Free 4-Bit Inference in Rotated LLMs',
    arxiv: '2404.00456',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Gather', 'Conv'],
  options,
  pictures: 'none',
  short: ({ rotation }) => rotation,
} as const satisfies MethodMeta<typeof options>;
