import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { sizeField, valuesField } from '../share-options.ts';

export const options = z.strictObject({
  ...sizeField,
  arrangement: z.enum(['neighbours', 'cycle', 'sandwich']).default('neighbours').meta({
    title: 'Which ones',
    description:
      '"neighbours" shares between blocks that follow each other, "cycle" goes through the first part of the model again and again, "sandwich" leaves the first and the last block alone.',
  }),
  ...valuesField,
});

export const meta = {
  id: 'share-blocks',
  family: 'sharing',
  title: 'Share blocks',
  summary:
    'Sets of blocks read one set of weights, their average or their least-squares compromise; norms and biases stay own.',
  plain:
    'Lets several steps of the model use the same weights, which are then stored once. It needs training afterwards to be good.',
  paper: {
    authors: 'Lan et al.',
    year: 2019,
    title: 'ALBERT: A Lite BERT for Self-supervised Learning of Language Representations',
    arxiv: '1909.11942',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  options,
  pictures: 'none',
  short: ({ size, arrangement }) => `${arrangement} ${size}`,
} as const satisfies MethodMeta<typeof options>;
