import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { trainingFields } from '../training-options.ts';

const taught = { option: 'from', in: ['teacher', 'both'] };

export const options = z.strictObject({
  how: z.enum(['full', 'lora', 'norms']).default('full').meta({
    title: 'What is trained',
    description:
      '"full" trains the chosen layers’ weights, "lora" a low-rank change of each, which is added into them at the end, and "norms" leaves them alone. Biases and norms are trained in all three.',
  }),
  from: z.enum(['teacher', 'labels', 'both']).default('teacher').meta({
    title: 'What it learns from',
    description:
      '"teacher" makes the model answer like the original did, "labels" makes it right on your data, "both" counts each for one half.',
  }),
  rank: z
    .int()
    .min(1)
    .max(512)
    .default(8)
    .meta({
      title: 'Rank',
      description: 'Width of the low-rank change. Matrices that are no wider are trained whole.',
      when: { option: 'how', in: ['lora'] },
    }),
  alpha: z
    .number()
    .positive()
    .max(4096)
    .default(16)
    .meta({
      title: 'Alpha',
      step: 1,
      advanced: true,
      description: 'The change is multiplied by alpha / rank.',
      when: { option: 'how', in: ['lora'] },
    }),
  temperature: z.number().min(1).max(20).default(1).meta({
    title: 'Temperature',
    step: 0.5,
    advanced: true,
    description:
      'Above 1 the original’s probabilities are softened, so that unlikely answers are compared too.',
    when: taught,
  }),
  hidden: z.number().min(0).max(100).default(0).meta({
    title: 'Weight of the hidden states',
    step: 0.1,
    advanced: true,
    description:
      'How much it counts that what leaves a block is like what left it in the original. Blocks that are gone, or of another width, are not compared.',
    when: taught,
  }),
  ...trainingFields,
  steps: trainingFields.steps.default(200),
  learningRate: trainingFields.learningRate.default(1e-3),
  warmup: trainingFields.warmup.default(20),
});

export type HealOptions = z.infer<typeof options>;

export const meta = {
  id: 'heal',
  family: 'tuning',
  title: 'Heal',
  summary:
    'Trains after compressing, towards the original or the labels: what was pruned stays pruned, what was factored stays factored, and the file keeps its size.',
  plain:
    'Lets the smaller model practise until it answers like the original again, without growing back what was cut away.',
  paper: {
    authors: 'Zimmer, Andoni, Spiegel, Pokutta',
    year: 2023,
    title: 'PERP: Rethinking the Prune-Retrain Paradigm in the Era of LLMs',
    arxiv: '2312.15230',
  },
  cost: 'high',
  needs: ['calibration', 'training'],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'fine-tune',
  options,
  pictures: 'none',
  loss: 'teacher',
  short: ({ how, steps }) => `${how === 'full' ? '' : `${how} `}${steps} steps`,
} as const satisfies MethodMeta<typeof options>;
