import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { trainingFields } from '../../tuning/training-options.ts';
import { blockChoice } from './block-choice.ts';
import { generatedFields } from './generated.ts';

export const options = z.strictObject({
  student: z.enum(['compressed', 'shallow', 'fresh']).default('compressed').meta({
    title: 'Student',
    description:
      '"compressed" heals the model as the steps before have left it. "shallow" is the original with only some of its blocks. "fresh" is a new, smaller model of the same layout that knows nothing yet, which takes many more steps; it is trained as a whole, whatever the target, and steps before it are lost.',
  }),
  width: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .meta({
      title: 'Share of the width',
      step: 0.05,
      description:
        'How wide a fresh student is, measured by its teacher: in whole attention heads of the same size, at least one.',
      when: { option: 'student', in: ['fresh'] },
    }),
  keep: z
    .enum(['every', 'first', 'last', 'custom'])
    .default('every')
    .meta({
      title: 'Blocks that stay',
      description:
        'Which blocks a shallow student keeps, or a fresh one’s blocks stand for: spread evenly over the depth, the first ones, the last ones, or a list of your own.',
      when: { option: 'student', in: ['shallow', 'fresh'] },
    }),
  ratio: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .meta({
      title: 'Share that stays',
      step: 0.05,
      control: 'blocks',
      description: 'Share of the blocks that a shallow or fresh student has, at least one.',
      when: { option: 'keep', in: ['every', 'first', 'last'] },
    }),
  blocks: z
    .string()
    .regex(/^\d*(\s*,\s*\d+)*$/)
    .default('')
    .meta({
      title: 'Block numbers',
      control: 'blocks',
      description:
        'For "custom": the numbers of the blocks that stay or are stood for, such as 0, 2, 4.',
      when: { option: 'keep', in: ['custom'] },
    }),
  labels: z.number().min(0).max(100).default(0).meta({
    title: 'Weight of the labels',
    step: 0.1,
    description:
      'How much the data’s own labels count. With the other weights at 0 this is plain training.',
  }),
  logits: z.number().min(0).max(100).default(1).meta({
    title: 'Weight of the teacher’s answers',
    step: 0.1,
    description: 'How much it counts to answer like the original, over all its probabilities.',
  }),
  temperature: z.number().min(1).max(20).default(1).meta({
    title: 'Temperature',
    step: 0.5,
    description:
      'Above 1 the probabilities are softened, so that unlikely answers are compared too.',
  }),
  direction: z.enum(['forward', 'reverse', 'jensen-shannon']).default('forward').meta({
    title: 'Divergence',
    advanced: true,
    description:
      '"forward" makes the student cover all the teacher says, "reverse" makes it avoid what the teacher would not say, "jensen-shannon" is between them.',
  }),
  hidden: z.number().min(0).max(100).default(0).meta({
    title: 'Weight of the hidden states',
    step: 0.1,
    advanced: true,
    description:
      'How much it counts that a block’s output is like that of the teacher’s block it stands for.',
  }),
  hiddenDistance: z.enum(['mse', 'cosine']).default('mse').meta({
    title: 'Distance of hidden states',
    advanced: true,
    description: 'Mean squared error, or the angle between the states, which ignores their length.',
  }),
  attention: z.number().min(0).max(100).default(0).meta({
    title: 'Weight of the attention maps',
    step: 0.1,
    advanced: true,
    description:
      'How much it counts that every head looks where the teacher’s head looks, in each block and the one it stands for. Needs as many heads.',
  }),
  relations: z.number().min(0).max(100).default(0).meta({
    title: 'Weight of the relations',
    step: 0.1,
    advanced: true,
    description:
      'How much it counts that tokens are alike or unlike as in the teacher: by the queries, keys and values of the last block. Works between models of different width and different heads.',
  }),
  ...generatedFields,
  ...trainingFields,
});

export type DistillOptions = z.infer<typeof options>;

export const meta = {
  id: 'distill',
  family: 'distillation',
  title: 'Distill',
  summary:
    'Trains a compressed, shallower or fresh smaller student towards the original’s logits, hidden states, attention maps and relations.',
  plain:
    'Lets the original teach the smaller model: it learns to answer the way the original does.',
  paper: {
    authors: 'Hinton, Vinyals, Dean',
    year: 2015,
    title: 'Distilling the Knowledge in a Neural Network',
    arxiv: '1503.02531',
  },
  cost: 'high',
  needs: ['calibration', 'training'],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  baseline: 'fine-tune',
  options,
  pictures: 'none',
  loss: 'teacher',
  blocks: blockChoice,
} as const satisfies MethodMeta<typeof options>;
