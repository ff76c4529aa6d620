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
  scaling: z.enum(['search', 'fixed']).default('search').meta({
    title: 'Channel scales',
    description:
      'Weights of an input channel are multiplied by its mean magnitude to the power of alpha, and the input is divided by it. "search" tries 20 values of alpha for each input and keeps the one with the smallest error on the outputs.',
  }),
  alpha: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .meta({
      title: 'Alpha',
      step: 0.05,
      when: { option: 'scaling', in: ['fixed'] },
      description:
        'How much the strength of the inputs decides: 0 scales nothing, 1 makes all inputs equally strong.',
    }),
  clip: z.enum(['search', 'none']).default('search').meta({
    title: 'Clipping',
    advanced: true,
    description:
      'With "search" the range of each block is cut by up to half as long as the error on its outputs falls; queries and keys stay whole, as their products amplify what is cut.',
  }),
});

export const meta = {
  id: 'awq',
  family: 'quantization',
  title: 'AWQ',
  summary:
    'Activation-aware input-channel scales by grid search on the output error, folded into norms and layers, with clip search.',
  plain:
    'Rounds the weights that meet the strongest inputs more finely, and finds out on real data how much more finely is best.',
  paper: {
    authors: 'Lin, Tang, Tang, Yang, Chen, Wang, Xiao, Dang, Gan, Han',
    year: 2023,
    title: 'AWQ: Activation-aware Weight Quantization for LLM Compression and Acceleration',
    arxiv: '2306.00978',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  ...uniformNames,
} as const satisfies MethodMeta<typeof options>;
