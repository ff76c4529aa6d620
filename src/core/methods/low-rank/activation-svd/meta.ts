import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { rankFields, rankNames } from '../rank-options.ts';
import { sequentialField } from '../sequential-option.ts';

export const options = z.strictObject({ ...rankFields, sequential: sequentialField });

export const meta = {
  id: 'activation-svd',
  family: 'low-rank',
  title: 'Activation-aware SVD',
  summary:
    'SVD of the weight whitened by the second moments of its input (SVD-LLM): least error on the output at any rank.',
  plain:
    'Replaces each table of weights by two narrow ones that give the most similar results on real data.',
  paper: {
    authors: 'Wang, Zheng, Wan, Zhang',
    year: 2024,
    title:
      'SVD-LLM: Truncation-aware Singular Value Decomposition for Large Language Model Compression',
    arxiv: '2403.07378',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'svd',
  options,
  pictures: 'weight',
  ...rankNames,
} as const satisfies MethodMeta<typeof options>;
