import {
  clusterLengths,
  ratioOfSums,
  sumByWindow,
  transformed,
  type Estimate,
} from '../metrics/estimate.ts';
import { pairedDifference } from '../metrics/paired-difference.ts';
import type { Metric, MetricName } from '../metrics/types.ts';
import type { Answers, EachMeasured } from './types.ts';

/** Windows or examples that a report holds one by one, at most: with more it holds none of them. */
export const MOST_EACH = 10_000;

/** Significant digits. Differences are small beside what they are of: seven would leave them three. */
const DIGITS = 10;

/** What each window or example came to, before it is rounded. */
export interface EachValues {
  readonly counts?: readonly number[];
  readonly original?: ArrayLike<number>;
  readonly compressed: ArrayLike<number>;
}

/** One entry per window or example, as a report keeps them; undefined where there are too many, or one is no number. */
export function eachMeasured(
  metric: MetricName,
  { counts, original, compressed }: EachValues,
): EachMeasured | undefined {
  if (compressed.length > MOST_EACH || !finite(compressed)) return undefined;
  if (original && !finite(original)) return undefined;
  const uneven = counts?.some((count) => count !== 1) === true;
  return {
    metric,
    ...(uneven && { counts }),
    ...(original && { original: Array.from(original, short) }),
    compressed: Array.from(compressed, short),
  };
}

/**
 * Means of `original` and `compressed` over the positions of each window, with the positions as counts. A single
 * window is taken apart into its positions, as its estimate is.
 */
export function eachWindow(
  metric: MetricName,
  { original, compressed }: Omit<EachValues, 'counts'>,
  windows: readonly number[],
): EachMeasured | undefined {
  const counts = clusterLengths(compressed.length, windows);
  const means = (values: ArrayLike<number>) =>
    sumByWindow(values, counts).map((sum, window) => sum / counts[window]);
  const own = { counts, compressed: means(compressed) };
  return eachMeasured(metric, original ? { ...own, original: means(original) } : own);
}

/** JSON has no other numbers. */
function finite(values: ArrayLike<number>): boolean {
  return Array.from(values).every(Number.isFinite);
}

function short(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

/**
 * The metric that entries add up to: Σ count·value / Σ count over windows or examples, and exp of it for
 * perplexity, whose entries are losses in nats. Undefined for the original where it has no entries.
 */
export function eachEstimate(
  each: EachMeasured,
  side: 'original' | 'compressed' = 'compressed',
): Estimate | undefined {
  const values = each[side];
  if (values === undefined || values.length === 0) return undefined;
  const counts = each.counts ?? new Array<number>(values.length).fill(1);
  const sums = values.map((value, at) => value * counts[at]);
  const n = counts.reduce((sum, count) => sum + count, 0);
  const mean = ratioOfSums(sums, counts, n);
  return each.metric === 'perplexity' ? transformed(mean, Math.exp, Math.exp) : mean;
}

/**
 * b − a of two compressed models measured on the same windows or examples, paired. Undefined where the entries are
 * of different metrics or do not belong to each other; that both are of the same data is for the caller to know.
 */
export function pairedEach(a: EachMeasured, b: EachMeasured): Metric | undefined {
  const alike = a.metric === b.metric && String(a.counts) === String(b.counts);
  const [first, second] = [eachEstimate(a), eachEstimate(b)];
  if (!alike || first === undefined || second === undefined) return undefined;
  if (a.compressed.length !== b.compressed.length) return undefined;
  return pairedDifference(first, second);
}

/** Agreement by example: 1 where both models chose the same class. */
export function agreedEach({ original, compressed }: Answers): EachMeasured {
  return {
    metric: 'agreement',
    compressed: compressed.map((chosen, at) => Number(chosen === original[at])),
  };
}
