import type { z } from 'zod';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { pruneWanda } from '../../../kernels/select.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { requireStatistics } from '../../require-statistics.ts';
import { kernelPattern, planPruned, pruned } from '../pattern.ts';
import { meta, type options as schema } from './meta.ts';

export type WandaOptions = z.infer<typeof schema>;

/**
 * Wanda (Sun et al. 2023): importance S_ij = |W_ij|·‖X_j‖₂, ranked within each output row; the
 * smallest share goes, without changing the other weights.
 */
export const wanda = encoderMethod<WandaOptions>(meta, {
  // The mask needs channel norms only. The second moments are for the report: measured on the weight
  // alone, magnitude pruning wins by definition, so both must be measured on the layer's output.
  needs: ({ sequential }) => ({ secondMoments: true, sequential }),
  form: (layer, options, model) => planPruned(layer, kernelPattern(options), model, false),
  encode: async (weight, planned, given, options, context) => {
    throwIfCancelled(context.signal);
    const { layer, values } = weight;
    const { channelNorms } = requireStatistics(given, weight, meta);
    const { outFeatures, inFeatures } = layer;
    const pattern = kernelPattern(options);
    const keep = pruneWanda(values, outFeatures, inFeatures, channelNorms, pattern);
    context.progress?.(1);
    return { encoded: pruned(planned, values, keep) };
  },
});
