import type { z } from 'zod';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { keepAbove, MagnitudeSearch, pruneMagnitude } from '../../../kernels/select.ts';
import type { MethodContext, Weights } from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { kernelPattern, planPruned, pruned } from '../pattern.ts';
import { meta, type options as schema } from './meta.ts';

export type MagnitudeOptions = z.infer<typeof schema> & {
  /** Set by `prepare` for the global scope: |w| at or below it goes. */
  readonly threshold?: number;
};

/**
 * Magnitude pruning (Han et al. 2015): w → 0 where |w| is among the smallest share `sparsity` of the
 * tensor (or of all targeted tensors), or not among the n largest of its m neighbours along the input.
 */
export const magnitude = encoderMethod<MagnitudeOptions>(meta, {
  shareable: true,
  form: (layer, options, model) => planPruned(layer, kernelPattern(options), model),
  prepare: async (weights, options, context) => {
    const pattern = kernelPattern(options);
    if (options.scope !== 'global' || typeof pattern !== 'number') return options;
    if (pattern === 0) return { ...options, threshold: -1 };
    return { ...options, threshold: await globalThreshold(weights, pattern, context) };
  },
  encode: async ({ layer, values }, planned, _statistics, options, context) => {
    throwIfCancelled(context.signal);
    const pattern = kernelPattern(options);
    const keep =
      options.threshold === undefined
        ? pruneMagnitude(values, layer.outFeatures, layer.inFeatures, pattern)
        : keepAbove(values, options.threshold);
    context.progress?.(1);
    return { encoded: pruned(planned, values, keep) };
  },
});

/** Two passes over all weights; only histograms are held, so the model may be of any size. */
async function globalThreshold(
  weights: Weights,
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
