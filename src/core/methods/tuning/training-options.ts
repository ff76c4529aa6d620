import { z } from 'zod';
import type { TrainingSettings } from '../contract.ts';

/** Options that every training method has, with the same names and help. */
export const trainingFields = {
  steps: z.int().min(1).max(100_000).default(100).meta({
    title: 'Steps',
    description: 'How often the weights are changed. More steps cost time in proportion.',
  }),
  learningRate: z.number().positive().max(1).default(3e-4).meta({
    title: 'Learning rate',
    step: 0.0001,
    description:
      'How far each step goes, at its highest. Too high and the loss jumps or stops being a number; too low and little happens.',
  }),
  batchSize: z.int().min(1).max(256).default(4).meta({
    title: 'Batch size',
    description: 'Sequences or pictures that are looked at together. More are steadier and slower.',
  }),
  accumulate: z.int().min(1).max(256).default(1).meta({
    title: 'Batches per step',
    advanced: true,
    description:
      'Gradients of this many batches are averaged before the weights change: a larger batch without its memory.',
  }),
  warmup: z.int().min(0).max(100_000).default(10).meta({
    title: 'Warm-up',
    unit: 'steps',
    advanced: true,
    description: 'The learning rate rises over these steps, then falls along a cosine to a tenth.',
  }),
  weightDecay: z.number().min(0).max(1).default(0.01).meta({
    title: 'Weight decay',
    advanced: true,
    step: 0.01,
    description: 'Pulls matrices towards zero a little at every step (AdamW).',
  }),
  validateEvery: z.int().min(1).max(100_000).default(25).meta({
    title: 'Look at held-out data every',
    unit: 'steps',
    advanced: true,
    description:
      'A tenth of the data is kept aside; the weights that did best on it are the result.',
  }),
  patience: z.int().min(0).max(1000).default(0).meta({
    title: 'Patience',
    unit: 'looks',
    advanced: true,
    description:
      'Ends early after so many looks at held-out data without gain; 0 never ends early.',
  }),
};

/** The settings among a training method's options. */
export function settingsOf(options: TrainingSettings): TrainingSettings {
  const { steps, learningRate, batchSize, accumulate } = options;
  const { warmup, weightDecay, validateEvery, patience } = options;
  return {
    ...{ steps, learningRate, batchSize, accumulate },
    ...{ warmup: Math.min(warmup, steps), weightDecay, validateEvery, patience },
  };
}
