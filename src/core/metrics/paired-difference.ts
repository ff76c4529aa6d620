import { LatheError } from '../errors/lathe-error.ts';
import { standardError, type Estimate } from './estimate.ts';
import type { Metric } from './types.ts';

/**
 * b − a, both measured on the same windows or examples in the same order. What both find hard in a
 * window cancels: influences are subtracted cluster by cluster before they are squared.
 * Throws `metrics-not-paired` when the clusters differ.
 */
export function pairedDifference(a: Estimate, b: Estimate): Metric {
  if (a.influences.length !== b.influences.length) {
    throw new LatheError(
      'metrics-not-paired',
      `Two measurements over ${a.influences.length} and ${b.influences.length} windows cannot be compared pairwise; measure both models on the same data.`,
      { first: a.influences.length, second: b.influences.length },
    );
  }
  const influences = b.influences.map((influence, c) => influence - a.influences[c]);
  return {
    value: b.value - a.value,
    standardError: standardError(influences),
    n: Math.min(a.n, b.n),
  };
}
