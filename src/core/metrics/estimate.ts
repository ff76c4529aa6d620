import type { Metric } from './types.ts';

/**
 * A measured value together with how much each cluster (a window of text, an example) pulls at it.
 * The influences are those of the delta method: value(with cluster weights 1+ε_c) ≈ value + Σ ε_c·influence_c.
 * They sum to zero. Keeping them is what lets two models be compared pairwise.
 */
export interface Estimate {
  readonly value: number;
  readonly influences: Float64Array;
  /** Positions or examples measured. */
  readonly n: number;
}

/**
 * Σ numerator / Σ denominator over clusters (the ratio estimator; with denominator = cluster size,
 * the mean over all positions). influence_c = (a_c − r·b_c) / Σb. Cochran, Sampling Techniques, §6.
 */
export function ratioOfSums(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  n: number,
): Estimate {
  const clusters = numerators.length;
  let [above, below] = [0, 0];
  for (let c = 0; c < clusters; c++) {
    above += numerators[c];
    below += denominators[c];
  }
  const value = above / below;
  const influences = Float64Array.from(
    { length: clusters },
    (_, c) => (numerators[c] - value * denominators[c]) / below,
  );
  return { value, influences, n };
}

/** Mean over positions, with windows as clusters; `windows` are their lengths, in order. */
export function meanByWindow(values: ArrayLike<number>, windows: readonly number[]): Estimate {
  const lengths = clusterLengths(values.length, windows);
  return ratioOfSums(sumByWindow(values, lengths), lengths, values.length);
}

/** f(estimate) by the delta method: influences are scaled by f′(value). */
export function transformed(
  estimate: Estimate,
  f: (value: number) => number,
  slope: (value: number) => number,
): Estimate {
  const factor = slope(estimate.value);
  return {
    value: f(estimate.value),
    influences: estimate.influences.map((influence) => influence * factor),
    n: estimate.n,
  };
}

/** SE² = C/(C−1) · Σ influence_c², with C clusters; infinite for a single cluster, which tells nothing. */
export function standardError(influences: Float64Array): number {
  const clusters = influences.length;
  if (clusters < 2) return Infinity;
  const squares = influences.reduce((sum, influence) => sum + influence * influence, 0);
  return Math.sqrt((squares * clusters) / (clusters - 1));
}

/** The estimate as a number with its error. */
export function toMetric(estimate: Estimate): Metric {
  const { value, influences, n } = estimate;
  return { value, standardError: standardError(influences), n };
}

/** Σ of values in each window. */
export function sumByWindow(values: ArrayLike<number>, windows: readonly number[]): Float64Array {
  const sums = new Float64Array(windows.length);
  let at = 0;
  windows.forEach((length, w) => {
    for (let i = 0; i < length; i++) sums[w] += values[at++];
  });
  return sums;
}

/**
 * Windows as clusters. A single window says nothing about how windows differ: its positions then
 * stand for themselves, and the error is that of independent positions, a lower bound.
 */
export function clusterLengths(positions: number, windows: readonly number[]): readonly number[] {
  return windows.length > 1 ? windows : new Array<number>(positions).fill(1);
}
