import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { keepAllBut } from '../../../kernels/rank-select.ts';
import {
  keepAbove,
  MagnitudeSearch,
  pruneMagnitude,
  prunedOf,
  type Pattern,
} from '../../../kernels/select.ts';
import type { MethodContext, Oracle, Weights } from '../../contract.ts';
import { isRefusal } from '../../site.ts';
import { kernelPattern, layerPattern } from '../pattern.ts';
import { planPruned, pruned } from '../pruned-form.ts';
import { pruningMethod, type OwnDecision } from '../pruning-method.ts';
import { meta, type options as schema } from './meta.ts';

export type MagnitudeOptions = z.infer<typeof schema> & {
  /** Set by `prepare` for the global scope: |w| at or below it goes. */
  readonly threshold?: number;
};

/** Sparse storage with the global scope: how many of a layer's weights stay is decided before the file is planned. */
const globalShares: OwnDecision<MagnitudeOptions> = {
  isOpen: ({ scope, store, pattern, sparsityPerLayer }) =>
    scope === 'global' &&
    store !== undefined &&
    pattern === 'unstructured' &&
    sparsityPerLayer === undefined,
  decide: async ({ model }, targets, options, ask) => {
    const able = targets.filter((layer) => !isRefusal(formOf(layer, options, model)));
    const threshold = await globalThreshold(weightsOf(able, ask), options.sparsity, ask);
    const sparsityPerLayer: Record<string, number> = {};
    for (const layer of able) {
      const { values } = await ask.weight(layer);
      const gone = values.reduce((sum, value) => sum + (Math.abs(value) <= threshold ? 1 : 0), 0);
      // Half a weight less, so that the count is met exactly: see `prunedOf`.
      sparsityPerLayer[layer.name] = Math.max(0, gone - 0.5) / values.length;
    }
    return { ...options, sparsityPerLayer };
  },
};

/**
 * Magnitude pruning (Han et al. 2015): w → 0 where |w| is among the smallest share `sparsity` of the
 * tensor (or of all targeted tensors), or not among the n largest of its m neighbours along the input.
 */
export const magnitude = pruningMethod<MagnitudeOptions>(
  meta,
  {
    shareable: true,
    form: formOf,
    prepare: async (weights, options, context) => {
      const pattern = kernelPattern(options);
      const { scope, sparsityPerLayer } = options;
      if (scope !== 'global' || typeof pattern !== 'number') return options;
      if (sparsityPerLayer !== undefined) return options;
      if (pattern === 0) return { ...options, threshold: -1 };
      return { ...options, threshold: await globalThreshold(weights, pattern, context) };
    },
    encode: async ({ layer, values }, planned, _statistics, options, context) => {
      throwIfCancelled(context.signal);
      const keep = keepOf(layer, values, options);
      context.progress?.(1);
      return { encoded: pruned(planned, values, keep) };
    },
  },
  globalShares,
);

function formOf(layer: Layer, options: MagnitudeOptions, model: Parameters<typeof planPruned>[2]) {
  const pattern = layerPattern(layer, options);
  return planPruned(layer, { pattern, store: options.store, keep: keeps(layer, pattern) }, model);
}

function keeps({ outFeatures, inFeatures }: Layer, pattern: Pattern): number {
  const total = outFeatures * inFeatures;
  if (typeof pattern !== 'number') return (total * pattern.n) / pattern.m;
  return total - prunedOf(total, pattern);
}

function keepOf(layer: Layer, values: Float32Array, options: MagnitudeOptions): Uint8Array {
  const { threshold, store, sparsityPerLayer } = options;
  const pattern = layerPattern(layer, options);
  if (threshold !== undefined) return keepAbove(values, threshold);
  // Equal magnitudes at the limit all go where their number decides nothing; what is planned is met exactly.
  const exact = store !== undefined || sparsityPerLayer !== undefined;
  if (exact && typeof pattern === 'number')
    return keepAllBut(values, prunedOf(values.length, pattern));
  return pruneMagnitude(values, layer.outFeatures, layer.inFeatures, pattern);
}

function weightsOf(layers: readonly Layer[], ask: Oracle<MagnitudeOptions>): Weights {
  return async function* () {
    for (const layer of layers) yield await ask.weight(layer);
  };
}
/** Two passes over all weights; only histograms are held, so the model may be of any size. */
async function globalThreshold(
  weights: Weights,
  sparsity: number,
  { signal }: Pick<MethodContext, 'signal'>,
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
