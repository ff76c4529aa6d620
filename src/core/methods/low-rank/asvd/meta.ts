import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { rankFields, rankNames } from '../rank-options.ts';
import { sequentialField } from '../sequential-option.ts';

export const options = z.strictObject({
  ...rankFields,
  alpha: z.number().min(0).max(2).default(0.5).meta({
    title: 'Alpha',
    step: 0.05,
    description:
      'How strongly the size of an input channel counts: its weights are scaled by mean|x|^alpha before the SVD. 0 is the plain SVD.',
  }),
  sequential: sequentialField,
});

export const meta = {
  id: 'asvd',
  family: 'low-rank',
  title: 'ASVD',
  summary: 'SVD of the weight with its input channels scaled by their mean magnitude to a power.',
  plain:
    'Replaces each table of weights by two narrow ones that are most exact where the values flowing in are large.',
  paper: {
    authors: 'Yuan, Shang, Song, Wu, Yan, Sun',
    year: 2023,
    title:
      'ASVD: Activation-aware Singular Value Decomposition for Compressing Large Language Models',
    arxiv: '2312.05821',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'svd',
  options,
  pictures: 'weight',
  ...rankNames,
} as const satisfies MethodMeta<typeof options>;
