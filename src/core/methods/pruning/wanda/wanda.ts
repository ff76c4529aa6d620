import type { z } from 'zod';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { pruneWanda } from '../../../kernels/select.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { requireSeen } from '../../require-seen.ts';
import { kernelPattern, planPruned, pruned } from '../pattern.ts';
import { meta, type options as schema } from './meta.ts';

export type WandaOptions = z.infer<typeof schema>;

/**
 * Wanda (Sun et al. 2023): importance S_ij = |W_ij|·‖X_j‖₂, ranked within each output row; the
 * smallest share goes, without changing the other weights.
 */
export const wanda = encoderMethod<WandaOptions>(meta, {
  look: ({ sequential }) => ({ take: ['norms'], sequential }),
  form: (layer, options, model) => planPruned(layer, kernelPattern(options), model),
  encode: async (weight, planned, seen, options, context) => {
    throwIfCancelled(context.signal);
    const { layer, values } = weight;
    const norms = requireSeen(seen, 'norms', weight, meta);
    const { outFeatures, inFeatures } = layer;
    const pattern = kernelPattern(options);
    const keep = pruneWanda(values, outFeatures, inFeatures, norms.values, pattern);
    context.progress?.(1);
    return { encoded: pruned(planned, values, keep) };
  },
});
