import type { z } from 'zod';
import { alps as solve, alpsKeeps } from '../../../kernels/alps.ts';
import { dampingWarning, fewRowsWarning } from '../../../statistics/warnings.ts';
import { requireSeen } from '../../require-seen.ts';
import { layerPattern } from '../pattern.ts';
import { planPruned, pruned } from '../pruned-form.ts';
import { pruningMethod } from '../pruning-method.ts';
import { meta, type options as schema } from './meta.ts';

export type AlpsMethodOptions = z.infer<typeof schema>;

/**
 * ALPS (Meng et al. 2024): min ‖(W − Ŵ)Xᵀ‖² with a given number of non-zeros, by ADMM over the whole matrix with H = XᵀX
 * scaled to a unit diagonal, then conjugate gradients on the support that was found.
 */
export const alps = pruningMethod<AlpsMethodOptions>(meta, {
  look: ({ sequential }) => ({ take: ['moments'], sequential }),
  form: (layer, options, model) => {
    const pattern = layerPattern(layer, options);
    const keep = alpsKeeps(layer.outFeatures, layer.inFeatures, pattern);
    return planPruned(layer, { pattern, store: options.store, keep }, model);
  },
  encode: async (weight, planned, seen, options, { signal, progress }) => {
    const { layer, values } = weight;
    const { outFeatures, inFeatures } = layer;
    const h = requireSeen(seen, 'moments', weight, meta);
    const how = { ...options, pattern: layerPattern(layer, options) };
    const result = solve(values, outFeatures, inFeatures, h.values, how, { signal, progress });
    const warnings = [fewRowsWarning(h), dampingWarning(options.damping, result.damping)];
    return {
      encoded: pruned(planned, result.values, result.keep),
      warnings: warnings.filter((sentence) => sentence !== undefined),
    };
  },
});
