import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { int8Fields } from '../int8-options.ts';

const RANGES = ['minmax', 'percentile', 'mse', 'entropy', 'moving-average'] as const;

export const options = z.strictObject({
  ...int8Fields,
  calibrate: z.enum(RANGES).default('mse').meta({
    title: 'Range of inputs',
    description:
      'What of the numbers seen in calibration the 256 levels must cover: all of them ("minmax"), all but the outermost ("percentile"), what makes the squared error least ("mse"), what keeps the distribution most alike ("entropy"), or the average of the ranges of successive inputs ("moving-average").',
  }),
  percentile: z
    .number()
    .min(90)
    .max(100)
    .default(99.99)
    .meta({
      title: 'Percentile',
      unit: '%',
      step: 0.01,
      when: { option: 'calibrate', in: ['percentile'] },
      description:
        'Share of the numbers that lie within the range; the rest is cut, half of it at each end.',
    }),
  ranges: z
    .record(z.string(), z.tuple([z.number().max(0), z.number().min(0)]))
    .optional()
    .meta({
      title: 'Ranges',
      decided: true,
      description:
        'Least and largest number of each input that the levels cover, by the name of the value. Of those left out calibration decides, and it is written here.',
    }),
});

export const meta = {
  id: 'static-int8',
  family: 'quantization',
  title: 'Static int8',
  summary:
    'int8 weights and uint8 inputs with ranges fixed by calibration (min-max, percentile, MSE, entropy, moving average).',
  plain:
    'Rounds weights and the numbers that flow through the model to 8 bits, with ranges that were chosen beforehand on real data.',
  paper: {
    authors: 'Wu, Judd, Zhang, Isaev, Micikevicius',
    year: 2020,
    title: 'Integer Quantization for Deep Learning Inference: Principles and Empirical Evaluation',
    arxiv: '2004.09602',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'dynamic-int8',
  options,
  pictures: 'weight',
  ranges: {
    levels: 256,
    of: ({ ranges = {} }) => ranges,
    naming: (ranges) => ({ ranges: Object.keys(ranges).length === 0 ? undefined : ranges }),
  },
  short: ({ calibrate }) => calibrate,
  suffix: () => 'int8',
} as const satisfies MethodMeta<typeof options>;
