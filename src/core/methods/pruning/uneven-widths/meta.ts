import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { compensationFields, scoreField } from '../structured/options.ts';

export const options = z.strictObject({
  ratio: z.number().gt(0).lt(1).default(0.25).meta({
    title: 'Ratio',
    step: 0.01,
    description:
      'Share of the bytes of all heads and feed-forward neurons together that goes. Which of them, and how many of each block, your data decides.',
  }),
  score: scoreField('fluctuation'),
  ...compensationFields('least-squares'),
  widths: z.record(z.string(), z.int().min(1)).optional().meta({
    title: 'What is left',
    decided: true,
    description:
      'How many heads (keys and values with their queries) stay in front of each output projection, and how many neurons in front of each down projection. Left out, it is decided when the recipe runs, and written here.',
  }),
});

export type UnevenWidthsOptions = z.infer<typeof options>;

export const meta = {
  id: 'uneven-widths',
  family: 'pruning',
  title: 'Heads and neurons, ranked together',
  summary:
    'Ranks heads and feed-forward neurons of all blocks in one list and removes the lowest until the bytes are gone: uneven widths (FLAP).',
  plain:
    'Compares every head and every neuron of the model with every other and takes out those that matter least, wherever they are.',
  paper: {
    authors: 'An, Zhao, Yu, Tang, Wang',
    year: 2023,
    title: 'Fluctuation-based Adaptive Structured Pruning for Large Language Models',
    arxiv: '2312.11983',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'ffn-neurons',
  options,
  pictures: 'none',
  short: ({ ratio }) => `${Math.round(ratio * 100)} %`,
} as const satisfies MethodMeta<typeof options>;
