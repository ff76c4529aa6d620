import type { Model } from '../../core/onnx/types.ts';

/** How many made-up inputs are run; `bytes` of weights are read by all of them together, at most. */
export const MADE_UP = { most: 8, fewest: 2, bytes: 10 ** 9 };

/**
 * Made-up inputs that are worth their time: they tell how far outputs moved and no more, so a large model
 * is run a few times only. Two at least: one has no error bar.
 */
export function syntheticRuns({ graph }: Pick<Model, 'graph'>): number {
  const weights = graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
  const affordable = Math.floor(MADE_UP.bytes / Math.max(1, weights));
  return Math.max(MADE_UP.fewest, Math.min(MADE_UP.most, affordable));
}
