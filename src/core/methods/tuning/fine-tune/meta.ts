import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { trainingFields } from '../training-options.ts';

export const options = z.strictObject({
  ...trainingFields,
  norms: z.boolean().default(true).meta({
    title: 'Biases and norms too',
    description:
      'Also trains the small tensors around the chosen layers: biases, and every norm of the model.',
  }),
});

export const meta = {
  id: 'fine-tune',
  family: 'tuning',
  title: 'Fine-tune',
  summary: 'Trains the chosen layers’ own weights with AdamW on the data’s labels.',
  plain:
    'Goes on training the model on your data, so that it fits them, or to heal what compressing did.',
  paper: {
    authors: 'Loshchilov, Hutter',
    year: 2019,
    title: 'Decoupled Weight Decay Regularization',
    arxiv: '1711.05101',
  },
  cost: 'high',
  needs: ['calibration', 'training'],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  options,
  pictures: 'none',
} as const satisfies MethodMeta<typeof options>;
