import { accuracy } from './accuracy.ts';
import { meanByWindow, toMetric, type Estimate } from './estimate.ts';
import type { Metric } from './types.ts';

/**
 * Share of positions that are right, with examples as clusters: `right` holds 0 or 1, `lengths` the
 * positions of each example.
 */
export function clusteredShare(right: ArrayLike<number>, lengths: readonly number[]): Metric {
  return shareMetric(meanByWindow(right, lengths), lengths.length);
}

/**
 * A share of `examples` as a number with its error. Where no example differs from the others the error is
 * Wilson's for as many: that none of a few fails does not mean that none would.
 */
export function shareMetric(estimate: Estimate, examples: number): Metric {
  const metric = toMetric(estimate);
  if (metric.standardError !== 0) return metric;
  const whole = new Uint8Array(examples).fill(1);
  return { ...metric, standardError: accuracy(whole).standardError };
}
