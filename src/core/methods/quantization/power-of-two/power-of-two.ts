import type { z } from 'zod';
import { E8M0, requireKind, type Coded, type Numbers } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { isRefusal } from '../../site.ts';
import { planUniform } from '../uniform-plan.ts';
import { levels, logQuantize } from './log-quantize.ts';
import { meta, type options as schema } from './meta.ts';

export type PowerOfTwoOptions = z.infer<typeof schema>;

/**
 * Logarithmic quantization (Miyashita et al. 2016, eq. 8–10): Ŵ = sign(w)·2^w̃ with
 * w̃ = Round(log₂|w|), clipped to the 2^(bits−1) − 1 exponents up to that of the block's largest weight;
 * below them Ŵ = 0. Throws `weight-not-finite`.
 */
export const powerOfTwo = encoderMethod<PowerOfTwoOptions>(meta, {
  shareable: true,
  form: (layer, { bits, blockSize }, model) => {
    const choice = { bits, blockSize, symmetric: true, scales: 'float32' } as const;
    const planned = planUniform(layer, choice, model);
    if (isRefusal(planned)) return planned;
    const { granularity, groupSize } = planned;
    const groups = layer.outFeatures * Math.ceil(layer.inFeatures / groupSize);
    const scales = exponents(granularity === 'tensor' ? 1 : groups);
    return { ...planned, grid: levels(bits), scales };
  },
  encode: async ({ layer, values }, given, _seen, { bits }, context) => {
    throwIfCancelled(context.signal);
    const planned = requireKind(given, 'coded');
    const whole = { columns: values.length, groupSize: values.length };
    const rows = { columns: layer.inFeatures, groupSize: planned.groupSize };
    const groups = planned.granularity === 'tensor' ? whole : rows;
    const { codes, fsr } = logQuantize(values, { ...groups, bits });
    context.progress?.(1);
    return { encoded: { ...planned, codes, scales: exponents(fsr.length, fsr) } satisfies Coded };
  },
});

/** Scales 2^E of which only the exponents are stored, a byte each. */
function exponents(count: number, codes?: Uint8Array): Numbers {
  const stored = { kind: 'coded', bits: 8, grid: E8M0, granularity: 'tensor' } as const;
  return { coded: { ...stored, groupSize: count, ...(codes && { codes }) } };
}
