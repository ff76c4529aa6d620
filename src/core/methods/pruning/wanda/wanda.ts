import type { z } from 'zod';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { pruneWanda, wandaKeeps } from '../../../kernels/select.ts';
import { requireSeen } from '../../require-seen.ts';
import { layerPattern } from '../pattern.ts';
import { planPruned, pruned } from '../pruned-form.ts';
import { pruningMethod } from '../pruning-method.ts';
import { meta, type options as schema } from './meta.ts';

export type WandaOptions = z.infer<typeof schema>;

/**
 * Wanda (Sun et al. 2023): importance S_ij = |W_ij|·‖X_j‖₂, ranked within each output row; the
 * smallest share goes, without changing the other weights.
 */
export const wanda = pruningMethod<WandaOptions>(meta, {
  look: ({ sequential }) => ({ take: ['norms'], sequential }),
  form: (layer, options, model) => {
    const pattern = layerPattern(layer, options);
    const keep = wandaKeeps(layer.outFeatures, layer.inFeatures, pattern);
    return planPruned(layer, { pattern, store: options.store, keep }, model);
  },
  encode: async (weight, planned, seen, options, context) => {
    throwIfCancelled(context.signal);
    const { layer, values } = weight;
    const norms = requireSeen(seen, 'norms', weight, meta);
    const { outFeatures, inFeatures } = layer;
    const pattern = layerPattern(layer, options);
    const keep = pruneWanda(values, outFeatures, inFeatures, norms.values, pattern);
    context.progress?.(1);
    return { encoded: pruned(planned, values, keep) };
  },
});
