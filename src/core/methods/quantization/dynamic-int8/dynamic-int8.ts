import type { z } from 'zod';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { int8Codes, planInt8 } from '../int8-weight.ts';
import { tiesTogether } from '../uniform-options.ts';
import { meta, type options as schema } from './meta.ts';

type Options = z.infer<typeof schema>;

const ROUNDS = { operator: 'DynamicQuantizeLinear', opset: 11 };

/**
 * y ≈ s_x·s_w·Σ (q_x − z_x)·q_w: weights are int8 with one s_w per output, and each input is rounded to uint8
 * over [min(x, 0), max(x, 0)] of its own numbers. Where no kernel multiplies the integers, both are dequantized first:
 * the same function.
 */
export const dynamicInt8 = encoderMethod<Options>(meta, {
  shareable: true,
  ties: tiesTogether,
  takesLookUps: true,
  form: (layer, options, model) => planInt8(layer, options, model, ROUNDS),
  input: () => ({ kind: 'dynamic' }),
  encode: async (weight, planned, _seen, options, { signal }) => {
    throwIfCancelled(signal);
    return { encoded: int8Codes(weight, planned, options), input: { kind: 'dynamic' } };
  },
});
