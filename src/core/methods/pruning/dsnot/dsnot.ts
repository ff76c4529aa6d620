import type { z } from 'zod';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { pruneWanda, wandaKeeps } from '../../../kernels/select.ts';
import { requireSeen } from '../../require-seen.ts';
import { layerPattern } from '../pattern.ts';
import { planPruned, pruned } from '../pruned-form.ts';
import { pruningMethod } from '../pruning-method.ts';
import { meta, type options as schema } from './meta.ts';
import { swapWeights } from './swaps.ts';

export type DsnotOptions = z.infer<typeof schema>;

/** Tokens of one sample in the paper: what the threshold is a sum over. */
const TOKENS = 2048;

/**
 * DSnoT (Zhang et al. 2023): Wanda's mask, then swaps of pruned and kept weights of a row until its expected error
 * Σ_pruned W_j·E[X_j] is small. The paper's rule lowers the mean
 * of the output's error and may raise its square; guarded, a swap has to lower both together.
 */
export const dsnot = pruningMethod<DsnotOptions>(meta, {
  look: ({ sequential }) => ({ take: ['norms', 'mean'], sequential }),
  form: (layer, options, model) => {
    const pattern = layerPattern(layer, options);
    const keep = wandaKeeps(layer.outFeatures, layer.inFeatures, pattern);
    return planPruned(layer, { pattern, store: options.store, keep }, model);
  },
  encode: async (weight, planned, seen, options, context) => {
    throwIfCancelled(context.signal);
    const { layer, values } = weight;
    const { values: norms } = requireSeen(seen, 'norms', weight, meta);
    const { values: means, variances } = requireSeen(seen, 'mean', weight, meta);
    const pattern = layerPattern(layer, options);
    const keep = pruneWanda(values, layer.outFeatures, layer.inFeatures, norms, pattern);
    const columns = { norms, sums: means.map((mean) => TOKENS * mean), variances, tokens: TOKENS };
    swapWeights(values, keep, columns, { ...options, pattern });
    context.progress?.(1);
    return { encoded: pruned(planned, values, keep) };
  },
});
