import type { z } from 'zod';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { keepAbove, MagnitudeSearch, pruneMagnitude } from '../../../kernels/select.ts';
import type { LayerMethod, LayerWeight, MethodContext } from '../../contract.ts';
import { requirePlan } from '../../refuse.ts';
import { DEFAULT_SITE, siteOrRefusal } from '../../site.ts';
import { applyMask, kernelPattern, planPruned } from '../pattern.ts';
import { meta, type options as schema } from './meta.ts';

export type MagnitudeOptions = z.infer<typeof schema> & {
  /** Set by `prepare` for the global scope: |w| at or below it goes. */
  readonly threshold?: number;
};

/**
 * Magnitude pruning (Han et al. 2015): w → 0 where |w| is among the smallest share `sparsity` of the
 * tensor (or of all targeted tensors), or not among the n largest of its m neighbours along the input.
 */
export const magnitude: LayerMethod<MagnitudeOptions> = {
  kind: 'layer',
  meta,
  needs: () => undefined,
  plan: (layer, options, model) =>
    planPruned(layer, kernelPattern(options), siteOrRefusal(model, layer), true),
  prepare: async (weights, options, context) => {
    const pattern = kernelPattern(options);
    if (options.scope !== 'global' || typeof pattern !== 'number') return options;
    if (pattern === 0) return { ...options, threshold: -1 };
    return { ...options, threshold: await globalThreshold(weights, pattern, context) };
  },
  compress: async ({ layer, values, site = DEFAULT_SITE }, _statistics, options, context) => {
    throwIfCancelled(context.signal);
    const pattern = kernelPattern(options);
    const planned = requirePlan(planPruned(layer, pattern, site, true));
    const keep =
      options.threshold === undefined
        ? pruneMagnitude(values, layer.outFeatures, layer.inFeatures, pattern)
        : keepAbove(values, options.threshold);
    context.progress?.(1);
    return { encoded: { ...planned, values: applyMask(values, keep) } };
  },
};

/** Two passes over all weights; only histograms are held, so the model may be of any size. */
async function globalThreshold(
  weights: () => AsyncIterable<LayerWeight>,
  sparsity: number,
  { signal }: MethodContext,
): Promise<number> {
  const search = new MagnitudeSearch();
  for await (const { values } of weights()) {
    throwIfCancelled(signal);
    search.coarse(values);
  }
  search.narrow(sparsity);
  for await (const { values } of weights()) {
    throwIfCancelled(signal);
    search.fine(values);
  }
  return search.threshold();
}
