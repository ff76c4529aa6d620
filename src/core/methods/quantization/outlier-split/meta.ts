import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { int8Fields } from '../int8-options.ts';

export const options = z.strictObject({
  ...int8Fields,
  outliers: z.enum(['deviations', 'absolute', 'share']).default('deviations').meta({
    title: 'Outliers',
    description:
      'Which input channels are computed in float: those that reach so many standard deviations of the whole input ("deviations"), so large a number ("absolute", as LLM.int8() does), or the share of channels that reach farthest ("share").',
  }),
  threshold: z
    .number()
    .min(0.1)
    .max(1000)
    .default(6)
    .meta({
      title: 'Threshold',
      step: 0.5,
      when: { option: 'outliers', in: ['deviations', 'absolute'] },
      description:
        'How far a channel has to reach in calibration to count as an outlier. Lower keeps more channels in float.',
    }),
  ratio: z.number().min(0.001).max(0.5).default(0.05).meta({
    title: 'Ratio',
    step: 0.01,
    description:
      'Share of the input channels of each layer that stay in float: at most so many, and exactly so many with "share".',
  }),
  columns: z
    .record(z.string(), z.array(z.int().min(0)))
    .optional()
    .meta({
      title: 'Columns',
      decided: true,
      description:
        'Outlier channels of each input, by the name of the value. Left out, calibration decides, and it is written here.',
    }),
});

export const meta = {
  id: 'outlier-split',
  family: 'quantization',
  title: 'Outlier split',
  summary:
    'LLM.int8()-like: input channels with outliers are multiplied in float, all others as int8 weights and uint8 inputs, and both products are added.',
  plain:
    'A few channels of what flows through a model are far larger than the others and spoil its rounding; these few are computed exactly, and only the rest is rounded to 8 bits.',
  paper: {
    authors: 'Dettmers, Lewis, Belkada, Zettlemoyer',
    year: 2022,
    title: 'LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale',
    arxiv: '2208.07339',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm'],
  baseline: 'dynamic-int8',
  options,
  pictures: 'weight',
  short: ({ outliers, threshold, ratio }) =>
    outliers === 'share'
      ? `${Number((100 * ratio).toFixed(1))} %`
      : `${threshold}${outliers === 'deviations' ? 'σ' : ''}`,
  suffix: () => 'int8',
} as const satisfies MethodMeta<typeof options>;
