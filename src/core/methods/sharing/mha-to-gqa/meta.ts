import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({
  count: z.int().min(1).default(2).meta({
    title: 'Count',
    unit: 'key/value heads',
    description:
      'How many heads of keys and values stay in each attention; it must divide the number there is. The cache shrinks with them. 1 is multi-query attention.',
  }),
  pool: z.enum(['least-squares', 'mean']).default('least-squares').meta({
    title: 'Pool',
    description:
      'How heads become one. "mean" averages their weights (Ainslie et al.); "least-squares" weighs each direction by what the queries look along on your data and by what the output projection makes of it, so that scores and outputs change least.',
  }),
});

export type MhaToGqaOptions = z.infer<typeof options>;

export const meta = {
  id: 'mha-to-gqa',
  family: 'sharing',
  title: 'Grouped queries',
  summary:
    'Pools neighbouring heads of keys and values into one, which several queries share: smaller projections and a smaller cache.',
  plain:
    'Lets several attention heads share one set of keys and values. What a conversation takes in memory shrinks by the same factor; train afterwards to get the quality back.',
  paper: {
    authors: 'Ainslie et al.',
    year: 2023,
    title: 'GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints',
    arxiv: '2305.13245',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  touchesCache: true,
  options,
  pictures: 'none',
  short: ({ count }) => `${count} kv`,
} as const satisfies MethodMeta<typeof options>;
