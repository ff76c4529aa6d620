import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { rankFields } from '../rank-options.ts';

/** "rows×columns" */
const SHAPE = /^([1-9]\d{0,5})[x×]([1-9]\d{0,5})$/;

export const options = z.strictObject({
  ratio: z.number().min(0.01).max(1).default(0.5).meta({
    title: 'Share of bytes',
    step: 0.05,
    description:
      'Bytes of all factors as a share of the weight’s: as many terms are kept as fit, at least one.',
  }),
  count: z.int().min(1).max(4096).optional().meta({
    title: 'Terms',
    advanced: true,
    description:
      'How many Kronecker products are added up. Left out, as many as the share of bytes allows.',
  }),
  shape: z
    .string()
    .regex(SHAPE, 'a shape is written as rows×columns, such as 16×16')
    .optional()
    .meta({
      title: 'Shape of the first factor',
      advanced: true,
      description:
        'Rows×columns of A in A ⊗ B; they must divide those of the weight. Left out, the divisors nearest to the square roots, which make both factors about equally large.',
    }),
  factors: rankFields.factors,
});

/** Rows and columns of the first factor that are asked for. */
export function shapeOf(text: string): readonly [number, number] {
  const [, rows, columns] = SHAPE.exec(text) ?? [];
  return [Number(rows), Number(columns)];
}

export const meta = {
  id: 'kronecker',
  family: 'low-rank',
  title: 'Kronecker products',
  summary:
    'Each weight as a sum of Kronecker products A ⊗ B: the nearest one by the SVD of the rearranged matrix.',
  plain:
    'Replaces each table of weights by two small ones: one is repeated in blocks, the other says how strongly in each block.',
  paper: {
    authors: 'Van Loan, Pitsianis',
    year: 1993,
    title: 'Approximation with Kronecker Products',
    url: 'https://doi.org/10.1007/978-94-015-8196-7_17',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'svd',
  options,
  pictures: 'weight',
  short: ({ count, ratio }) =>
    count === undefined ? `${Math.round(ratio * 100)} %` : `${count} terms`,
} as const satisfies MethodMeta<typeof options>;
