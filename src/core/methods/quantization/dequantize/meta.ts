import { z } from 'zod';
import type { MethodMeta } from '../../contract.ts';

export const options = z.strictObject({
  precision: z.enum(['float32', 'float16']).default('float32').meta({
    title: 'Precision',
    description:
      'How the numbers that the codes stand for are stored. "float32" keeps them exactly; "float16" takes half of that, and changes them by less than a twentieth of a percent.',
  }),
});

export const meta = {
  id: 'dequantize',
  family: 'quantization',
  title: 'Dequantize',
  summary:
    'Turns the stored codes of quantized layers back into plain weights and ordinary products and look-ups.',
  plain:
    'Opens up a file that is quantized already, so that it can be trained, pruned or merged; it grows, and what quantizing lost stays lost.',
  cost: 'low',
  needs: [],
  accepts: ['MatMul', 'Gemm', 'Conv', 'Gather'],
  options,
  // What it makes is what the codes stood for: there is nothing to compare.
  pictures: 'none',
  short: ({ precision }) => precision,
  suffix: ({ precision }) => (precision === 'float16' ? 'fp16' : 'fp32'),
} as const satisfies MethodMeta<typeof options>;
