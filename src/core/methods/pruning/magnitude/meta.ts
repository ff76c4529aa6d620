import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { pruningFields, pruningShort, ratioFields, storeFields } from '../pruning-options.ts';

export const options = z
  .strictObject({
    ...pruningFields,
    scope: z
      .enum(['tensor', 'global'])
      .default('tensor')
      .meta({
        title: 'Scope',
        when: { option: 'pattern', in: ['unstructured'] },
        description:
          '"tensor" removes the same share of every layer; "global" ranks the weights of all targeted layers together, so that layers with small weights lose more.',
      }),
    ...storeFields,
    ...ratioFields,
  })
  .refine((o) => o.scope === 'tensor' || o.ratios === undefined, {
    path: ['ratios'],
    message:
      'the global scope decides by itself how much each layer loses; set scope to "tensor" or ratios to "uniform"',
  });

export const meta = {
  id: 'magnitude',
  family: 'pruning',
  title: 'Magnitude pruning',
  summary: 'Zeroes the weights of smallest magnitude, unstructured or N:M, per tensor or globally.',
  plain:
    'Sets the smallest weights to zero. The file keeps its size until it is stored sparsely or zipped: zeros are not bytes.',
  paper: {
    authors: 'Han, Pool, Tran, Dally',
    year: 2015,
    title: 'Learning both Weights and Connections for Efficient Neural Networks',
    arxiv: '1506.02626',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  options,
  pictures: 'weight',
  short: pruningShort,
} as const satisfies MethodMeta<typeof options>;
