import type { LayerWeight } from '../contract.ts';

/** Weights of one number of columns below each other. */
export function stackedRows(weights: readonly Pick<LayerWeight, 'values'>[]): Float32Array {
  if (weights.length === 1) return weights[0].values;
  const all = new Float32Array(weights.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const { values } of weights) {
    all.set(values, at);
    at += values.length;
  }
  return all;
}
