import { z } from 'zod';
import type { MethodMeta, Need } from '../../contract.ts';
import { denseFields } from '../dense-fields.ts';

export const options = z.strictObject({
  ...denseFields,
  ratio: z.number().min(0.0005).max(0.05).default(0.005).meta({
    title: 'Share of outliers',
    step: 0.0005,
    description:
      'Share of the weights of each layer that are kept as half-precision numbers beside the codes. Each takes 24 to 32 bits with its position, so half a percent costs about an eighth of a bit per weight.',
  }),
  criterion: z.enum(['error', 'magnitude']).default('error').meta({
    title: 'Criterion',
    description:
      'Which weights are outliers: those without which the error of their block falls most ("error", SpQR; channels count by their mean square where there is calibration data), or simply the largest ("magnitude", SqueezeLLM’s dense-and-sparse split).',
  }),
});

export type SparseOutliersOptions = z.infer<typeof options>;

export const meta = {
  id: 'sparse-outliers',
  family: 'quantization',
  title: 'Sparse outliers',
  summary:
    'SpQR, SqueezeLLM: Ŵ = Q(W − S) + S, where S holds the few weights that widen the grids most, as halves with their positions.',
  plain:
    'Keeps the few odd weights exactly and apart, so that the many ordinary ones can be rounded more finely.',
  paper: {
    authors:
      'Dettmers, Svirschevski, Egiazarian, Kuznedelev, Frantar, Ashkboos, Borzunov, Hoefler, Alistarh',
    year: 2023,
    title: 'SpQR: A Sparse-Quantized Representation for Near-Lossless LLM Weight Compression',
    arxiv: '2306.03078',
  },
  cost: 'low',
  needs: [],
  needsWith: ({ quantizer }): readonly Need[] => (quantizer === 'gptq' ? ['calibration'] : []),
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  short: ({ bits, blockSize, ratio }) =>
    `${bits} bits ${blockSize} + ${Number((ratio * 100).toFixed(2))} %`,
  suffix: ({ bits }) => `q${bits}`,
} as const satisfies MethodMeta<typeof options>;
