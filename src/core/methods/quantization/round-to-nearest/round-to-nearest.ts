import type { z } from 'zod';
import { fillCodes, requireKind } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { quantizeTensor, quantizeUniform } from '../../../kernels/rtn.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { planUniform } from '../uniform-plan.ts';
import { meta, type options as schema } from './meta.ts';

export type RoundToNearestOptions = z.infer<typeof schema>;

/**
 * Round to nearest: code = clamp(round(w / scale) + zero, 0, 2^bits − 1) with one grid per group of
 * columns. Symmetric grids put the code 0 on the value of largest magnitude (onnxruntime's block
 * quantizer), asymmetric ones span [min(w, 0), max(w, 0)]. Baseline of every other quantizer.
 */
export const roundToNearest = encoderMethod<RoundToNearestOptions>(meta, {
  shareable: true,
  form: (layer, options, model) => planUniform(layer, options, model),
  encode: async ({ layer, values }, given, _statistics, options, context) => {
    throwIfCancelled(context.signal);
    const planned = requireKind(given, 'coded');
    const range = options.symmetric ? 'signed-max' : 'minmax';
    const grid = { bits: options.bits, range, clip: options.clip } as const;
    const { outFeatures: rows, inFeatures: columns } = layer;
    const result =
      planned.granularity === 'tensor'
        ? quantizeTensor(values, grid)
        : quantizeUniform(values, rows, columns, { ...grid, groupSize: planned.groupSize });
    context.progress?.(1);
    return { encoded: fillCodes(planned, result) };
  },
});
