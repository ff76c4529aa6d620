import { standardError } from '../metrics/estimate.ts';
import { STANDARD_ERRORS } from '../metrics/verdict.ts';
import { BETTER, type Metric, type MetricName } from '../metrics/types.ts';
import { eachEstimate } from './each.ts';
import type { EachMeasured, Report } from './types.ts';

/** The four runs of an order experiment; a way round that cannot be run has none. */
export const ORDER_RUNS = ['a', 'b', 'ab', 'ba'] as const;
export type OrderRun = (typeof ORDER_RUNS)[number];
export type OrderReports = Readonly<Partial<Record<OrderRun, Report>>>;

/** What two steps do to each other, in one measure of loss (more is worse). */
export interface OrderLosses {
  /** `kl`, or a loss of quality: nats per token for perplexity, else the fall of the metric. */
  readonly measure: 'kl' | 'nats' | MetricName;
  /** Errors below are of differences window by window, else upper bounds for independent ones. */
  readonly paired: boolean;
  readonly losses: Readonly<Partial<Record<OrderRun, Metric>>>;
  /** Joint loss − sum of both losses: above 0 the steps make each other worse. */
  readonly interaction: Readonly<Partial<Record<'ab' | 'ba', Metric>>>;
  /** Loss of A→B − loss of B→A: below 0 A goes first. */
  readonly order?: Metric;
}

/**
 * Loss of both steps and of each alone, their interaction I = L(AB) − L(A) − L(B) and the difference of the orders
 * L(AB) − L(BA), as KL divergence to the original, and as loss of quality where each window or example was kept.
 * Errors: √Σ SE² for KL; of quality from the differences in each window, in which what all find hard cancels.
 * @see Harma et al. 2024, arXiv:2405.20935 (orthogonality of sparsity and quantization)
 */
export function orderLosses(reports: OrderReports): readonly OrderLosses[] {
  return [klLosses(reports), qualityLosses(reports)].filter((found) => found !== undefined);
}

function klLosses(reports: OrderReports): OrderLosses | undefined {
  const name = ORDER_RUNS.every((run) => kl(reports[run]) || !reports[run]) ? 'kl' : undefined;
  if (name === undefined || !kl(reports.a) || !kl(reports.b)) return undefined;
  const losses = mapRuns((run) => kl(reports[run]));
  return {
    measure: 'kl',
    paired: false,
    losses,
    ...combined(losses, (terms) => ({
      value: terms.reduce((sum, [sign, { value }]) => sum + sign * value, 0),
      standardError: Math.hypot(...terms.map(([, metric]) => metric.standardError)),
      n: Math.min(...terms.map(([, { n }]) => n)),
    })),
  };
}

function kl(report: Report | undefined): Metric | undefined {
  return report?.evaluation?.compressed.kl;
}

/** A loss in each window or example, all of the same data. */
interface Each extends Metric {
  readonly influences: Float64Array;
}

function qualityLosses(reports: OrderReports): OrderLosses | undefined {
  const found = mapRuns((run) => eachLoss(reports[run]?.evaluation?.each));
  const name = reports.a?.evaluation?.each?.metric;
  const sizes = new Set(Object.values(found).map(({ influences }) => influences.length));
  const complete = ORDER_RUNS.every((run) => found[run] || !reports[run]);
  if (name === undefined || !found.a || !found.b || sizes.size !== 1 || !complete) return undefined;
  return {
    measure: name === 'perplexity' ? 'nats' : name,
    paired: true,
    losses: mapRuns((run) => found[run] && plainMetric(found[run])),
    ...combined(found, (terms) => {
      const influences = terms[0][1].influences.map((_, at) =>
        terms.reduce((sum, [sign, each]) => sum + sign * each.influences[at], 0),
      );
      const value = terms.reduce((sum, [sign, each]) => sum + sign * each.value, 0);
      return { value, standardError: standardError(influences), n: terms[0][1].n };
    }),
  };
}

function plainMetric({ value, standardError: error, n }: Each): Metric {
  return { value, standardError: error, n };
}

/** compressed − original in each window, so that more is worse; undefined where one of them is not known. */
function eachLoss(each: EachMeasured | undefined): Each | undefined {
  if (each?.original === undefined) return undefined;
  // Entries of perplexity are nats already, and nats add up where perplexities do not.
  const nats: EachMeasured = each.metric === 'perplexity' ? { ...each, metric: 'kl' } : each;
  const [before, after] = [eachEstimate(nats, 'original'), eachEstimate(nats)];
  if (before === undefined || after === undefined) return undefined;
  const better = each.metric === 'perplexity' ? 'lower' : metricDirection(each.metric);
  const sign = better === 'lower' ? 1 : -1;
  const influences = after.influences.map((value, at) => sign * (value - before.influences[at]));
  return {
    value: sign * (after.value - before.value),
    standardError: standardError(influences),
    influences,
    n: after.n,
  };
}

function metricDirection(name: MetricName): 'lower' | 'higher' {
  return name === 'deltaP' ? 'lower' : BETTER[name];
}

type Term<M> = readonly [sign: 1 | -1, metric: M];

function combined<M extends Metric>(
  losses: Readonly<Partial<Record<OrderRun, M>>>,
  sum: (terms: readonly [Term<M>, ...Term<M>[]]) => Metric,
): Pick<OrderLosses, 'interaction' | 'order'> {
  const { a, b, ab, ba } = losses;
  const joint = (both: M | undefined) => a && b && both && sum([[1, both], [-1, a], [-1, b]]); // prettier-ignore
  const [first, second] = [joint(ab), joint(ba)];
  return {
    interaction: { ...(first && { ab: first }), ...(second && { ba: second }) },
    ...(ab && ba && { order: sum([[1, ab], [-1, ba]]) }), // prettier-ignore
  };
}

function mapRuns<T>(of: (run: OrderRun) => T | undefined): Partial<Record<OrderRun, T>> {
  return Object.fromEntries(
    ORDER_RUNS.flatMap((run) => {
      const found = of(run);
      return found === undefined ? [] : [[run, found]];
    }),
  );
}

/** What an order experiment found, from the sharpest measure there is: 'told' beyond two standard errors. */
export interface OrderFinding {
  readonly measure: OrderLosses['measure'];
  /** Which way round loses less; `either` where the difference is within its error, absent where one cannot be run. */
  readonly first?: 'a' | 'b' | 'either';
  /** Whether the better way round loses more than both alone, less, or their sum. */
  readonly together: 'more' | 'less' | 'sum';
}

/** Reads {@link orderLosses}: KL decides where there is one. */
export function orderFinding(all: readonly OrderLosses[]): OrderFinding | undefined {
  const decides = all.at(0);
  if (decides === undefined) return undefined;
  const { measure, order, interaction, losses } = decides;
  const first = order && (beyond(order) === 0 ? 'either' : beyond(order) < 0 ? 'a' : 'b');
  const better = (losses.ba?.value ?? Infinity) < (losses.ab?.value ?? Infinity) ? 'ba' : 'ab';
  const joint = interaction[better];
  if (joint === undefined) return undefined;
  const side = beyond(joint);
  const together = side === 0 ? 'sum' : side > 0 ? 'more' : 'less';
  return { measure, ...(first && { first }), together };
}

/** The sign of a value that is more than chance, else 0. */
function beyond({ value, standardError: error }: Metric): number {
  return Math.abs(value) > STANDARD_ERRORS * error ? Math.sign(value) : 0;
}
