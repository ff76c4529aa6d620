import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({
  ratio: z.number().gt(0).lt(1).default(0.5).meta({
    title: 'Share of the bytes that stays',
    step: 0.05,
    description:
      'How large the two factors are together, measured by the table. The rank follows from it.',
  }),
  rank: z.int().min(1).optional().meta({
    title: 'Rank',
    description: 'How wide the narrow table is. Left out, the share of the bytes says it.',
  }),
});

export const meta = {
  id: 'factor-embedding',
  family: 'sharing',
  title: 'Factor the embedding',
  summary:
    'The embedding [V, d] becomes a narrow table [V, r] and one map [r, d] (truncated SVD); a tied output head uses the same two.',
  plain:
    'Stores words in a narrow table and widens them when they are read, since most of what tells words apart fits in fewer numbers.',
  paper: {
    authors: 'Lan et al.',
    year: 2019,
    title: 'ALBERT: A Lite BERT for Self-supervised Learning of Language Representations',
    arxiv: '1909.11942',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Gather'],
  options,
  pictures: 'none',
  short: ({ ratio, rank }) =>
    rank === undefined ? `${Math.round(ratio * 100)} %` : `rank ${rank}`,
} as const satisfies MethodMeta<typeof options>;
