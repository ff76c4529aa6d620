import type { z } from 'zod';
import { requireKind } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { blocksIn, eachBlock, largestMagnitudes } from '../blocks.ts';
import { encodeNearest, sorted } from '../nearest.ts';
import { planTable } from '../table-plan.ts';
import { FORMATS } from './formats.ts';
import { meta, type options as schema } from './meta.ts';
import { findScales, planScales } from './scales.ts';

export type LowBitFloatOptions = z.infer<typeof schema>;

/**
 * Weights as the nearest numbers of a floating-point format: Ŵ = s·F[code], F[code] nearest to w / s, with s from the
 * largest magnitude of each block. Throws `weight-not-finite`.
 */
export const lowBitFloat = encoderMethod<LowBitFloatOptions>(meta, {
  shareable: true,
  form: (layer, { format, blockSize, scales }, model) => {
    const { bits } = FORMATS[format];
    const numbers = planScales(scales);
    const grid = tableOf(format, scales);
    const size = scales === 'none' ? 'tensor' : blockSize;
    return planTable(
      layer,
      { bits, grid, blockSize: size, ...(numbers && { scales: numbers }) },
      model,
    );
  },
  encode: async ({ layer, values }, given, _seen, { format: name, scales }, context) => {
    throwIfCancelled(context.signal);
    const planned = requireKind(given, 'coded');
    const format = FORMATS[name];
    const blocks = blocksIn(planned, layer);
    const { divisors, stored } = findScales(scales, largestMagnitudes(values, blocks), format);
    const nearest = sorted(tableOf(name, scales).values, format.ties);
    const codes = new Uint8Array(values.length);
    eachBlock(values.length, blocks, (from, end, block) =>
      encodeNearest(values, { from, end }, divisors[block], nearest, codes),
    );
    context.progress?.(1);
    return { encoded: { ...planned, codes, ...(stored && { scales: stored }) } };
  },
});

function tableOf(format: LowBitFloatOptions['format'], scales: LowBitFloatOptions['scales']) {
  const { plain, scaled } = FORMATS[format];
  return scales === 'none' || scales === 'power-of-two' ? plain : scaled;
}
