import type { z } from 'zod';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { pruneWanda } from '../../../kernels/select.ts';
import type { LayerMethod } from '../../contract.ts';
import { requirePlan } from '../../refuse.ts';
import { requireStatistics } from '../../require-statistics.ts';
import { DEFAULT_SITE, siteOrRefusal } from '../../site.ts';
import { applyMask, kernelPattern, planPruned } from '../pattern.ts';
import { meta, type options as schema } from './meta.ts';

export type WandaOptions = z.infer<typeof schema>;

/**
 * Wanda (Sun et al. 2023): importance S_ij = |W_ij|·‖X_j‖₂, ranked within each output row; the
 * smallest share goes, without changing the other weights.
 */
export const wanda: LayerMethod<WandaOptions> = {
  kind: 'layer',
  meta,
  // The mask needs channel norms only. The second moments are for the report: measured on the weight
  // alone, magnitude pruning wins by definition, so both must be measured on the layer's output.
  needs: ({ sequential }) => ({ secondMoments: true, sequential }),
  plan: (layer, options, model) =>
    planPruned(layer, kernelPattern(options), siteOrRefusal(model, layer), false),
  compress: async (weight, given, options, context) => {
    throwIfCancelled(context.signal);
    const { layer, values, site = DEFAULT_SITE } = weight;
    const pattern = kernelPattern(options);
    const planned = requirePlan(planPruned(layer, pattern, site, false));
    const { channelNorms } = requireStatistics(given, weight, meta);
    const keep = pruneWanda(values, layer.outFeatures, layer.inFeatures, channelNorms, pattern);
    context.progress?.(1);
    return { encoded: { ...planned, values: applyMask(values, keep) } };
  },
};
