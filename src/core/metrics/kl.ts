import { seededRandom } from '../random/seeded.ts';
import { meanByWindow, toMetric, type Estimate } from './estimate.ts';
import { quantileByWindow } from './quantile.ts';
import type { Metrics } from './types.ts';

/** Mean KL(original ‖ compressed) in nats over positions; SE with windows as clusters. */
export function klMean(kl: ArrayLike<number>, windows: readonly number[]): Estimate {
  return meanByWindow(kl, windows);
}

/**
 * All KL numbers of DESIGN §6: mean, median, 99 % and 99.9 % quantile over positions. The errors of
 * the quantiles come from a seeded bootstrap over windows.
 */
export function klMetrics(
  kl: Float64Array,
  windows: readonly number[],
  seed = 0,
): Pick<Metrics, 'kl' | 'klMedian' | 'kl99' | 'kl999'> {
  const random = seededRandom(seed, 'kl quantiles');
  const [klMedian, kl99, kl999] = quantileByWindow(kl, windows, [0.5, 0.99, 0.999], random);
  return { kl: toMetric(klMean(kl, windows)), klMedian, kl99, kl999 };
}
