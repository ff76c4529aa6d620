import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { rankFields, rankNames } from '../rank-options.ts';

export const options = z.strictObject(rankFields);

export const meta = {
  id: 'svd',
  family: 'low-rank',
  title: 'Truncated SVD',
  summary: 'Each weight as the product of two thin matrices: its leading singular triplets.',
  plain:
    'Replaces each table of weights by two narrow ones whose product is as close to it as possible.',
  paper: {
    authors: 'Eckart, Young',
    year: 1936,
    title: 'The approximation of one matrix by another of lower rank',
    url: 'https://doi.org/10.1007/BF02288367',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  options,
  pictures: 'weight',
  ...rankNames,
} as const satisfies MethodMeta<typeof options>;
