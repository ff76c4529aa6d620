import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { uniformFields, uniformNames } from '../uniform-options.ts';

export const options = z.strictObject({
  bits: uniformFields.bits,
  blockSize: z.literal([16, 32, 64, 128, 256, 'channel']).default(64).meta({
    title: 'Block size',
    description:
      'How many weights share one scale and one zero point. Smaller blocks follow the weights more closely but store more of both; "channel" gives each output one.',
  }),
  scales: z.enum(['float32', 'float16']).default('float32').meta({
    title: 'Scale type',
    advanced: true,
    description:
      'How scales and zero points are stored. Half precision saves 32 bits per block (half a bit per weight at block 64).',
  }),
  iterations: z.int().min(0).max(200).default(20).meta({
    title: 'Iterations',
    advanced: true,
    description:
      'How often the zero points are solved for at most; it ends as soon as the mean error of the layer no longer falls. 0 keeps the first grid, from least to largest weight.',
  }),
  lpNorm: z.number().min(0.1).max(1).default(0.7).meta({
    title: 'Norm p',
    advanced: true,
    step: 0.05,
    description:
      'The error is measured as the sum of its p-th powers. Below 1 a few large errors count for less, so that outliers do not decide the grid.',
  }),
  beta: z.number().min(0.01).max(100_000).default(10).meta({
    title: 'Penalty β',
    advanced: true,
    step: 1,
    description:
      'Errors above about β^(−1/(2−p)) are treated as outliers (0.17 by default). Raise it for models whose weights are small, where otherwise none counts as one.',
  }),
  kappa: z.number().min(1).max(2).default(1.01).meta({
    title: 'Growth κ',
    advanced: true,
    step: 0.01,
    description:
      'What the penalty is multiplied by in each iteration, so that later ones are stricter.',
  }),
});

export const meta = {
  id: 'hqq',
  family: 'quantization',
  title: 'Half-quadratic quantization',
  summary:
    'HQQ: float zero points solved by a half-quadratic split of an ℓp error with p < 1, without data.',
  plain:
    'Moves the evenly spaced values of each block to where they fit most of its weights best, without looking at any data.',
  paper: {
    authors: 'Badri, Shaji',
    year: 2023,
    title: 'Half-Quadratic Quantization of Large Machine Learning Models',
    url: 'https://mobiusml.github.io/hqq_blog/',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  ...uniformNames,
} as const satisfies MethodMeta<typeof options>;
