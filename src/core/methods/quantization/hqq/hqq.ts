import type { z } from 'zod';
import { fillCodes, isPlainNumbers, requireKind, type Coded } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { exceedsHalf } from '../../../tensor/half.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { isRefusal } from '../../site.ts';
import { planUniform } from '../uniform-plan.ts';
import { codesOf, solveZeros } from './half-quadratic.ts';
import { meta, type options as schema } from './meta.ts';

export type HqqOptions = z.infer<typeof schema>;

/**
 * Half-quadratic quantization (Badri & Shaji 2023): Ŵ = s·(W_q − z), W_q = clamp(round(W/s + z)), with s
 * from each block's range and a float z that makes ‖W − Ŵ‖ₚᵖ small for p < 1. Throws
 * `weight-not-finite`.
 */
export const hqq = encoderMethod<HqqOptions>(meta, {
  shareable: true,
  form: (layer, { bits, blockSize, scales }, model) => {
    const planned = planUniform(layer, { bits, blockSize, symmetric: false, scales }, model);
    if (isRefusal(planned) || planned.scales === undefined) return planned;
    return { ...planned, zeros: planned.scales };
  },
  encode: async ({ layer, values }, given, _seen, options, context) => {
    throwIfCancelled(context.signal);
    const planned = requireKind(given, 'coded');
    const dataType = numberType(planned);
    const shape = { columns: layer.inFeatures, groupSize: planned.groupSize };
    const solved = solveZeros(values, shape, options, context);
    // WHY rounded first: the codes then belong to the scale and the zero that the file holds.
    const [scales, zeros] = [solved.scales, solved.zeros].map((found) =>
      toFloat32(dataType, fromFloat32(dataType, found, true), found.length),
    );
    const codes = codesOf(values, shape, { scales, zeros }, options.bits);
    const encoded = {
      ...fillCodes(planned, { codes, scales }),
      zeros: { dataType, values: zeros },
    };
    const cut = dataType === DataType.float16 && exceedsHalf(solved.zeros);
    return { encoded, warnings: cut ? [cutWarning(layer.name)] : [] };
  },
});

function numberType({ zeros }: Coded): number {
  return zeros !== undefined && isPlainNumbers(zeros) ? zeros.dataType : DataType.float32;
}

function cutWarning(name: string): string {
  return `"${name}" has blocks that lie so far from zero that their zero points are beyond ±65504, the largest a half can hold, and were cut to it; store the scales as float32.`;
}
