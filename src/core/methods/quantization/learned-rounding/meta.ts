import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { tied, uniformFields, uniformNames } from '../uniform-options.ts';

export const options = z.strictObject({
  bits: uniformFields.bits,
  blockSize: z.literal([16, 32, 64, 128, 256, 'channel']).default(32).meta({
    title: 'Block size',
    description:
      'How many weights share one scale. Smaller blocks follow the weights more closely but store more scales; "channel" gives each output one scale.',
  }),
  symmetric: uniformFields.symmetric,
  scales: uniformFields.scales,
  tied,
  steps: z.int().min(1).max(10_000).default(200).meta({
    title: 'Steps',
    description:
      'How often roundings and ranges of each layer are moved. More steps cost time in proportion.',
  }),
  learningRate: z.number().positive().max(1).default(0.005).meta({
    title: 'Learning rate',
    step: 0.001,
    advanced: true,
    description:
      'How far each step moves a rounding (in codes) and a range (as a share of itself), at first; it falls to zero along a line. One over the number of steps lets a rounding reach its farthest.',
  }),
  ranges: z.boolean().default(true).meta({
    title: 'Learn the ranges too',
    advanced: true,
    description:
      'Each block’s range may shrink where that makes the output better; else only the roundings are learned.',
  }),
  sequential: z.boolean().default(true).meta({
    title: 'Sequential',
    advanced: true,
    description:
      'Each layer is calibrated on what the already compressed layers before it produce, so that their errors are corrected too. Slower, usually better.',
  }),
});

export type LearnedRoundingOptions = z.infer<typeof options>;

export const meta = {
  id: 'learned-rounding',
  family: 'quantization',
  title: 'Learned rounding',
  summary:
    'SignRound: an offset of each weight’s rounding and the ends of each block’s range, by signed gradient of the error on the layer’s output.',
  plain:
    'Tries out, step by step, which weights should better be rounded up instead of down, judged by what the layer computes on real data.',
  paper: {
    authors: 'Cheng, Zhang, Shen, Cai, He, Lv, Liu',
    year: 2023,
    title: 'Optimize Weight Rounding via Signed Gradient Descent for the Quantization of LLMs',
    arxiv: '2309.05516',
  },
  cost: 'high',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  ...uniformNames,
} as const satisfies MethodMeta<typeof options>;
