import type { Metric, MetricName } from '../metrics/types.ts';
import { agreedEach, pairedEach } from './each.ts';
import type { EachMeasured, Report } from './types.ts';

/** Why two trials are not subtracted in a metric. */
export type ApartReason = 'missing' | 'models' | 'data' | 'protocol';

/** b − a in one metric, as far as it may be taken. */
export type TrialDifference =
  | {
      readonly kind: 'paired';
      readonly difference: Metric;
      /** Windows or examples, where one of the two was measured on more of them. */
      readonly shared?: number;
    }
  | { readonly kind: 'unpaired'; readonly difference: Metric }
  | { readonly kind: 'apart'; readonly reason: ApartReason };

type Evaluation = NonNullable<Report['evaluation']>;

/**
 * b − a of two trials in one metric, in its own unit. Paired by window or example where both reports hold what each
 * came to: what both find hard cancels. Without it, SE² = SE_a² + SE_b², an upper bound for two models on the same
 * data. Trials of different models, on different data or measured in different ways are not subtracted at all.
 */
export function trialDifference(name: MetricName, a: Report, b: Report): TrialDifference {
  const [first, second] = [a.evaluation, b.evaluation];
  const [left, right] = [first?.compressed[name], second?.compressed[name]];
  if (!first || !second || !left || !right) return { kind: 'apart', reason: 'missing' };
  if (a.inputSha256 !== b.inputSha256) return { kind: 'apart', reason: 'models' };
  if (first.sha256 !== second.sha256) return { kind: 'apart', reason: 'data' };
  const paired = pairedBy(name, first, second);
  if (paired !== undefined) return paired;
  if (first.protocol !== second.protocol) return { kind: 'apart', reason: 'protocol' };
  return { kind: 'unpaired', difference: independent(left, right) };
}

function pairedBy(name: MetricName, a: Evaluation, b: Evaluation): TrialDifference | undefined {
  const endedEarly = a.stopped !== undefined || b.stopped !== undefined;
  if (a.protocol !== b.protocol && !endedEarly) return undefined;
  const [first, second] = [entries(name, a), entries(name, b)];
  if (first === undefined || second === undefined) return undefined;
  // Entries are in the order of the data: what was ended early holds the first of them.
  const shared = Math.min(first.compressed.length, second.compressed.length);
  const difference = pairedEach(beginning(first, shared), beginning(second, shared));
  if (difference === undefined) return undefined;
  const all = first.compressed.length === second.compressed.length;
  return { kind: 'paired', difference, ...(!all && { shared }) };
}

/** What each window or example came to in this metric, where the report tells. */
function entries(name: MetricName, { each, answers }: Evaluation): EachMeasured | undefined {
  if (each?.metric === name) return each;
  return name === 'agreement' && answers ? agreedEach(answers) : undefined;
}

function beginning({ metric, counts, compressed }: EachMeasured, length: number): EachMeasured {
  return {
    metric,
    ...(counts && { counts: counts.slice(0, length) }),
    compressed: compressed.slice(0, length),
  };
}

function independent(a: Metric, b: Metric): Metric {
  return {
    value: b.value - a.value,
    standardError: Math.hypot(a.standardError, b.standardError),
    n: Math.min(a.n, b.n),
  };
}
