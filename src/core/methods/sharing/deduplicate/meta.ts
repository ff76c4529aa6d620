import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({
  transposed: z.boolean().default(true).meta({
    title: 'Transposed copies',
    description:
      'Also finds a matrix that is another one turned on its side, as exporters leave the output head beside the embedding it was tied to.',
  }),
  constants: z.boolean().default(true).meta({
    title: 'Other constants',
    description:
      'Also merges equal tensors that belong to no layer: masks, rotary tables, biases repeated in every block.',
  }),
});

export const meta = {
  id: 'deduplicate',
  family: 'sharing',
  title: 'De-duplicate',
  summary: 'Keeps one of several byte-equal (or transposed byte-equal) initializers. Lossless.',
  plain:
    'Finds weights that are stored twice and stores them once. The model computes exactly the same.',
  paper: {
    authors: 'Press, Wolf',
    year: 2016,
    title: 'Using the Output Embedding to Improve Language Models',
    arxiv: '1608.05859',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  options,
  pictures: 'none',
  lossless: true,
} as const satisfies MethodMeta<typeof options>;
