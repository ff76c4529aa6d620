import type { Random } from '../random/random.ts';
import { clusterLengths } from './estimate.ts';
import type { Metric } from './types.ts';

/** Resamples of the bootstrap: the error's own relative error is then about 1/√(2·200) = 5 %. */
const RESAMPLES = 200;

/**
 * Quantiles of values over positions: the smallest x with at least q·n values ≤ x. SE by the
 * bootstrap over windows (Efron 1979): windows are drawn with replacement, because positions within
 * one window are not independent. Sorted once; a resample is a walk over the sorted values that
 * counts each as often as its window was drawn.
 */
export function quantileByWindow(
  values: Float64Array,
  windows: readonly number[],
  quantiles: readonly number[],
  random: Random,
): Metric[] {
  const lengths = clusterLengths(values.length, windows);
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const sorted = Float64Array.from(order, (i) => values[i]);
  const windowOf = windowOfSorted(order, lengths);
  const resamples = quantiles.map(() => new Float64Array(RESAMPLES));
  for (let r = 0; r < RESAMPLES; r++) {
    const draws = drawWindows(lengths.length, random);
    const found = weightedQuantiles(sorted, windowOf, draws, lengths, quantiles);
    found.forEach((value, q) => (resamples[q][r] = value));
  }
  return quantiles.map((q, i) => ({
    value: sorted[rankOf(q, sorted.length)],
    standardError: standardDeviation(resamples[i]),
    n: values.length,
  }));
}

function rankOf(q: number, n: number): number {
  return Math.max(0, Math.min(n - 1, Math.ceil(q * n) - 1));
}

function windowOfSorted(order: Uint32Array, lengths: readonly number[]): Uint32Array {
  const windowOf = new Uint32Array(order.length);
  let at = 0;
  lengths.forEach((length, w) => windowOf.fill(w, at, (at += length)));
  return order.map((position) => windowOf[position]);
}

/** How often each of the windows comes up in as many draws with replacement. */
function drawWindows(windows: number, random: Random): Uint32Array {
  const draws = new Uint32Array(windows);
  for (let i = 0; i < windows; i++) draws[Math.floor(random.next() * windows)]++;
  return draws;
}

/** `quantiles` ascending. One walk finds all of them. */
function weightedQuantiles(
  sorted: Float64Array,
  windowOf: Uint32Array,
  draws: Uint32Array,
  lengths: readonly number[],
  quantiles: readonly number[],
): number[] {
  const total = lengths.reduce((sum, length, w) => sum + length * draws[w], 0);
  const found: number[] = [];
  let seen = 0;
  for (let i = 0; i < sorted.length && found.length < quantiles.length; i++) {
    seen += draws[windowOf[i]];
    while (found.length < quantiles.length && seen > rankOf(quantiles[found.length], total)) {
      found.push(sorted[i]);
    }
  }
  return found;
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
