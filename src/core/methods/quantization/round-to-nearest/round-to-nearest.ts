import type { z } from 'zod';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { quantizeTensor, quantizeUniform } from '../../../kernels/rtn.ts';
import type { LayerMethod } from '../../contract.ts';
import { DEFAULT_SITE, siteOrRefusal } from '../../site.ts';
import { planUniform } from '../uniform-plan.ts';
import { fillUniform } from '../uniform-result.ts';
import { requirePlan } from '../../refuse.ts';
import { meta, type options as schema } from './meta.ts';

export type RoundToNearestOptions = z.infer<typeof schema>;

/**
 * Round to nearest: code = clamp(round(w / scale) + zero, 0, 2^bits − 1) with one grid per group of
 * columns. Symmetric grids put the code 0 on the value of largest magnitude (onnxruntime's block
 * quantizer), asymmetric ones span [min(w, 0), max(w, 0)]. Baseline of every other quantizer.
 */
export const roundToNearest: LayerMethod<RoundToNearestOptions> = {
  kind: 'layer',
  meta,
  needs: () => undefined,
  plan: (layer, options, model) => planUniform(layer, options, siteOrRefusal(model, layer), true),
  compress: async ({ layer, values, site = DEFAULT_SITE }, _statistics, options, context) => {
    throwIfCancelled(context.signal);
    const planned = requirePlan(planUniform(layer, options, site, true));
    const range = options.symmetric ? 'signed-max' : 'minmax';
    const grid = { bits: options.bits, range, clip: options.clip } as const;
    const { outFeatures: rows, inFeatures: columns } = layer;
    const result =
      planned.granularity === 'tensor'
        ? quantizeTensor(values, grid)
        : quantizeUniform(values, rows, columns, { ...grid, groupSize: planned.groupSize });
    context.progress?.(1);
    return { encoded: fillUniform(planned, result) };
  },
};
