import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({
  values: z.enum(['average', 'embedding', 'head']).default('average').meta({
    title: 'Values',
    description:
      'What both read afterwards: the mean of the two, the embedding as it is, or the output head as it is.',
  }),
});

export const meta = {
  id: 'tie-embedding',
  family: 'sharing',
  title: 'Tie the output head',
  summary:
    'The output head reads the embedding: one table less. Lossless only where both held the same.',
  plain:
    'Lets the model use one table both to read words and to choose the next one. What that costs shows when it is measured; training afterwards brings most of it back.',
  paper: {
    authors: 'Press, Wolf',
    year: 2016,
    title: 'Using the Output Embedding to Improve Language Models',
    arxiv: '1608.05859',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Gather'],
  options,
  pictures: 'none',
  short: ({ values }) => values,
} as const satisfies MethodMeta<typeof options>;
