import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { rankFields, rankNames } from '../rank-options.ts';

export const options = z.strictObject(rankFields);

export const meta = {
  id: 'fisher-svd',
  family: 'low-rank',
  title: 'Fisher-weighted SVD',
  summary:
    'FWSVD: SVD of the weight with each row scaled by the root of its summed Fisher information.',
  plain:
    'Replaces each table of weights by two narrow ones that are most exact where mistakes would cost most.',
  paper: {
    authors: 'Hsu, Hua, Chang, Lou, Shen, Jin',
    year: 2022,
    title: 'Language model compression with weighted low-rank factorization',
    arxiv: '2207.00112',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'svd',
  options,
  pictures: 'weight',
  ...rankNames,
} as const satisfies MethodMeta<typeof options>;
