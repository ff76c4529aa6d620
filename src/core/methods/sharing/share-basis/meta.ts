import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { sizeField } from '../share-options.ts';

export const options = z.strictObject({
  ...sizeField,
  ratio: z.number().gt(0).lt(1).default(0.7).meta({
    title: 'Share of the bytes that stays',
    step: 0.05,
    description:
      'How large the basis and all coefficients are together, measured by the weights. The rank follows from it.',
  }),
  rank: z.int().min(1).optional().meta({
    title: 'Rank',
    description: 'How many directions the basis has. Left out, the share says it.',
  }),
});

export const meta = {
  id: 'share-basis',
  family: 'sharing',
  title: 'Share a basis',
  summary:
    'Low rank with one basis for the same maps of neighbouring blocks (SVD of the stacked whitened weights), coefficients of their own.',
  plain:
    'Describes what neighbouring steps of the model do in the same few directions, which are stored once.',
  paper: {
    authors: 'Wang et al.',
    year: 2024,
    title: 'Basis Sharing: Cross-Layer Parameter Sharing for Large Language Model Compression',
    arxiv: '2410.03765',
  },
  cost: 'low',
  needs: ['calibration'],
  accepts: ['MatMul', 'Gemm'],
  baseline: 'share-blocks',
  options,
  pictures: 'none',
  short: ({ size, ratio, rank }) =>
    `${size} ${rank === undefined ? `${Math.round(ratio * 100)} %` : `rank ${rank}`}`,
} as const satisfies MethodMeta<typeof options>;
