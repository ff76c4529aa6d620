import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { trainingFields } from '../training-options.ts';

export const options = z.strictObject({
  rank: z.int().min(1).max(512).default(8).meta({
    title: 'Rank',
    description:
      'Width of the adapter: every chosen layer gets rank × (inputs + outputs) new numbers. 4 to 16 is usual.',
  }),
  alpha: z.number().positive().max(4096).default(16).meta({
    title: 'Alpha',
    step: 1,
    description: 'The adapter’s output is multiplied by alpha / rank.',
  }),
  dropout: z.number().min(0).max(0.99).default(0).meta({
    title: 'Dropout',
    step: 0.05,
    advanced: true,
    description:
      'Share of an adapter’s inputs that each training step leaves out at random, so that it does not rely on single ones. Helps when there is little data; 0.05 to 0.1 is usual. The finished model leaves out nothing.',
  }),
  result: z.enum(['merge', 'adapter', 'inputs']).default('merge').meta({
    title: 'Afterwards',
    description:
      '"merge" adds the adapter into the weights: same size, nothing slower. "adapter" keeps it beside the frozen weights, which is the only way when they are quantized. "inputs" keeps it too, and makes it inputs of the graph, so that an app can give another adapter with every run, or switch it off; left empty, they mean the trained one.',
  }),
  ...trainingFields,
  learningRate: trainingFields.learningRate.default(1e-3),
});

export const meta = {
  id: 'lora',
  family: 'tuning',
  title: 'LoRA',
  summary:
    'Trains a low-rank update beside frozen, even quantized, weights: y = W·x + (α/r)·B·A·x.',
  plain:
    'Teaches the model something new by training a few small matrices beside its weights, which stay as they are.',
  paper: {
    authors: 'Hu, Shen, Wallis, Allen-Zhu, Li, Wang, Wang, Chen',
    year: 2021,
    title: 'LoRA: Low-Rank Adaptation of Large Language Models',
    arxiv: '2106.09685',
  },
  cost: 'high',
  needs: ['calibration', 'training'],
  accepts: ['MatMul', 'Gemm'],
  baseline: 'fine-tune',
  options,
  pictures: 'none',
  adapter: ({ result, dropout }) => (result === 'merge' ? undefined : { dropout }),
} as const satisfies MethodMeta<typeof options>;
