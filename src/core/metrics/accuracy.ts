import { ratioOfSums, type Estimate } from './estimate.ts';
import type { Metric } from './types.ts';

/** Share of examples answered right; `right` [examples] holds 0 or 1. For paired differences. */
export function proportion(right: ArrayLike<number>): Estimate {
  const ones = new Float64Array(right.length).fill(1);
  return ratioOfSums(right, ones, right.length);
}

/**
 * Accuracy with its error. SE is the half-width of Wilson's score interval at z = 1,
 * √(p(1−p)/n + 1/4n²) / (1 + 1/n): the binomial error, but not zero when all of a few are right.
 * Wilson 1927.
 */
export function accuracy(right: ArrayLike<number>): Metric {
  const { value: p, n } = proportion(right);
  const standardError = Math.sqrt((p * (1 - p)) / n + 1 / (4 * n * n)) / (1 + 1 / n);
  return { value: p, standardError, n };
}
