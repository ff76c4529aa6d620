import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';
import { int8Fields } from '../int8-options.ts';

export const options = z.strictObject(int8Fields);

export const meta = {
  id: 'dynamic-int8',
  family: 'quantization',
  title: 'Dynamic int8',
  summary:
    'int8 weights and uint8 inputs whose range is taken from each input as it comes: products of integers.',
  plain:
    'Rounds weights and the numbers that flow through the model to 8 bits, measuring their range anew every time, so that whole numbers are multiplied.',
  paper: {
    authors: 'Zafrir, Boudoukh, Izsak, Wasserblat',
    year: 2019,
    title: 'Q8BERT: Quantized 8Bit BERT',
    arxiv: '1910.06188',
  },
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv'],
  baseline: 'round-to-nearest',
  options,
  pictures: 'weight',
  short: ({ blockSize }) => blockSize,
  suffix: () => 'int8',
} as const satisfies MethodMeta<typeof options>;
