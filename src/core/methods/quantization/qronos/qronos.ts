import type { z } from 'zod';
import { fillCodes, requireKind } from '../../../encodings/index.ts';
import { qronos as solve } from '../../../kernels/qronos.ts';
import { FLOAT_PATH_MOMENTS } from '../../../statistics/cross-moments-with/float-path.ts';
import { dampingWarning, fewRowsWarning } from '../../../statistics/warnings.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { requireSeen } from '../../require-seen.ts';
import { orRounded } from '../or-rounded.ts';
import { planUniform } from '../uniform-plan.ts';
import { meta, type options as schema } from './meta.ts';

export type QronosOptions = z.infer<typeof schema>;

/**
 * Qronos (Zhang et al. 2025): quantizes W so that ‖WXᵀ − ŴX̃ᵀ‖² stays small, where X is what the model before the step
 * feeds the layer and X̃ what the layers already compressed do. Needs H = X̃ᵀX̃ and G = XᵀX̃.
 */
export const qronos = encoderMethod<QronosOptions>(meta, {
  look: () => ({ take: ['moments', FLOAT_PATH_MOMENTS], sequential: true }),
  form: (layer, options, model) => planUniform(layer, options, model),
  encode: async (weight, form, seen, options, { signal, progress }) => {
    const planned = requireKind(form, 'coded');
    const h = requireSeen(seen, 'moments', weight, meta);
    const g = requireSeen(seen, FLOAT_PATH_MOMENTS, weight, meta);
    const { outFeatures: rows, inFeatures: columns } = weight.layer;
    const { bits, clip, damping, order, staticGroups, alpha } = options;
    const range = options.symmetric ? 'signed-max' : 'minmax';
    const grid = { bits, range, clip, groupSize: planned.groupSize } as const;
    const sweep = { ...grid, alpha, damping, order, staticGroups };
    const { codes, warnings } = orRounded(weight, grid, () => {
      const found = solve(weight.values, rows, columns, h.values, g.values, sweep, {
        signal,
        progress,
      });
      return { codes: found, warnings: [dampingWarning(damping, found.damping)] };
    });
    const sentences = [fewRowsWarning(h), ...warnings];
    return {
      encoded: fillCodes(planned, codes),
      warnings: sentences.filter((sentence) => sentence !== undefined),
    };
  },
});
