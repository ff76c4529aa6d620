import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { options as healOptions } from '../../tuning/heal/meta.ts';
import { trainingFields } from '../../tuning/training-options.ts';

const { from, temperature, hidden } = healOptions.shape;

export const options = z.strictObject({
  ...{ from, temperature, hidden },
  ...trainingFields,
  steps: trainingFields.steps.default(100),
  learningRate: trainingFields.learningRate.default(2e-3).meta({
    title: 'Learning rate',
    step: 0.0005,
    description:
      'By which share of itself each scale changes per step, at its highest. Too high and the loss jumps; too low and little happens.',
  }),
});

export type ScaleTuningOptions = z.infer<typeof options>;

export const meta = {
  id: 'scale-tuning',
  family: 'quantization',
  title: 'Scale tuning',
  summary:
    'Trains only the scales of weights that are stored as codes, end to end, towards the original or the labels (EfficientQAT’s second stage); codes, zeros and everything else stay byte for byte.',
  plain:
    'Lets the quantized model practise while its rounded weights stay as they are: only how far apart their values lie is adjusted.',
  paper: {
    authors: 'Chen, Shao, Xu, Wang, Zhang, Liu, Luo',
    year: 2024,
    title: 'EfficientQAT: Efficient Quantization-Aware Training for Large Language Models',
    arxiv: '2407.11062',
  },
  cost: 'high',
  needs: ['calibration', 'training'],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  options,
  pictures: 'none',
  loss: 'teacher',
  short: ({ steps }) => `${steps} steps`,
} as const satisfies MethodMeta<typeof options>;
