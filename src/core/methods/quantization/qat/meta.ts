import { z } from 'zod';
import { options as healOptions } from '../../tuning/heal/meta.ts';
import { trainingFields } from '../../tuning/training-options.ts';
import type { MethodMeta } from '../../contract.ts';
import { uniformFields, uniformNames } from '../uniform-options.ts';

const { from, temperature, hidden } = healOptions.shape;

export const options = z.strictObject({
  ...uniformFields,
  bits: uniformFields.bits.default(2),
  ternary: z
    .boolean()
    .default(false)
    .meta({
      title: 'Three values only',
      description:
        'Each weight becomes −s, 0 or s (ternary). They are stored as 2-bit codes of which one is never used, so the file is as large as with four values; their grids are always symmetric.',
      when: { option: 'bits', in: [2] },
    }),
  symmetric: uniformFields.symmetric.default(false),
  clip: uniformFields.clip.default('mse').meta({
    title: 'Clipping at the start',
    advanced: true,
    description:
      'The grid that training begins with: with "mse" the range of each block is narrowed as long as its error falls. Training goes on from there.',
  }),
  zeros: z
    .enum(['fixed', 'learned'])
    .default('fixed')
    .meta({
      title: 'Zero points',
      advanced: true,
      description:
        'Where the grids are asymmetric: "fixed" keeps the zero points of the start, "learned" trains them too, rounded to whole codes.',
      when: { option: 'symmetric', in: [false] },
    }),
  ...{ from, temperature, hidden },
  others: z.boolean().default(true).meta({
    title: 'Train biases and norms too',
    advanced: true,
    description:
      'What is not quantized learns as well: it takes no more room, and can make up for what rounding moved.',
  }),
  stepRate: z.number().min(0).max(1).default(0.005).meta({
    title: 'Learning rate of the step sizes',
    step: 0.001,
    advanced: true,
    description:
      'By which share of itself each step size (and by how many codes each learned zero point) changes per training step, at its highest. 0 leaves the grids as they start.',
  }),
  ...trainingFields,
  steps: trainingFields.steps.default(200),
  learningRate: trainingFields.learningRate.default(1e-3),
  warmup: trainingFields.warmup.default(20),
});

export type QatOptions = z.infer<typeof options>;

export const meta = {
  id: 'qat',
  family: 'quantization',
  title: 'Quantization-aware training',
  summary:
    'LSQ: weights and step sizes train through the rounding by the straight-through estimator, towards the original or the labels; 8 to 2 bits, and ternary.',
  plain:
    'Lets the model practise with its weights already rounded, so that it learns to work with the few values that are left.',
  paper: {
    authors: 'Esser, McKinstry, Bablani, Appuswamy, Modha',
    year: 2020,
    title: 'Learned Step Size Quantization',
    arxiv: '1902.08153',
  },
  cost: 'high',
  needs: ['calibration', 'training'],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'none',
  loss: 'teacher',
  ...uniformNames,
  short: ({ ternary, bits, blockSize, steps }) =>
    `${ternary ? 'ternary' : `${bits} bits`} ${blockSize}, ${steps} steps`,
} as const satisfies MethodMeta<typeof options>;
