import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({});

export const meta = {
  id: 'float16',
  family: 'quantization',
  title: 'Half precision',
  summary: 'Stores weights as IEEE float16 and casts them back to the type the graph computes in.',
  plain: 'Keeps each weight in 16 bits instead of 32: half the size, and practically no loss.',
  paper: {
    authors: 'Micikevicius et al.',
    year: 2017,
    title: 'Mixed Precision Training',
    arxiv: '1710.03740',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  options,
  pictures: 'weight',
  suffix: () => 'fp16',
} as const satisfies MethodMeta<typeof options>;
