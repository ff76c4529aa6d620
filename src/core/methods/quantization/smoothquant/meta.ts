import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { int8Fields } from '../int8-options.ts';

export const options = z.strictObject({
  ...int8Fields,
  activations: z.enum(['dynamic', 'static', 'none']).default('dynamic').meta({
    title: 'Inputs',
    description:
      'How the smoothed inputs are rounded to 8 bits: over the range of each input as it comes ("dynamic"), or over the widest range seen in calibration ("static"). "none" rounds nothing: only the scales move, the model stays what it was, and a later step quantizes it in any way.',
  }),
  scaling: z.enum(['search', 'fixed']).default('search').meta({
    title: 'Channel scales',
    description:
      '"search" tries 21 values of alpha for each input and keeps the one for which 8 bits are expected to lose least on the outputs; with "fixed" all inputs are smoothed with one alpha.',
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
        'How much of what makes inputs hard to round moves into the weights: 1 makes all channels of an input equally large, 0 those of the weights. 0.5 shares it; inputs with strong outliers want 0.75 and more.',
    }),
});

export const meta = {
  id: 'smoothquant',
  family: 'quantization',
  title: 'SmoothQuant',
  summary:
    'Scales per input channel move outliers from activations into weights, folded into norms and layers before; then int8 weights and uint8 inputs.',
  plain:
    'A few channels of what flows through a model are far larger than the others and spoil its rounding; their size is moved into the weights first, which changes nothing the model computes.',
  paper: {
    authors: 'Xiao, Lin, Seznec, Wu, Demouth, Han',
    year: 2022,
    title:
      'SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models',
    arxiv: '2211.10438',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'dynamic-int8',
  options,
  pictures: 'weight',
  short: ({ activations, alpha, scaling }) =>
    `${activations === 'none' ? 'scales only' : activations} ${scaling === 'search' ? 'searched' : `α ${alpha}`}`,
  suffix: ({ activations }) => (activations === 'none' ? undefined : 'int8'),
} as const satisfies MethodMeta<typeof options>;
