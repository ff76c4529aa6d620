import { decidingMetric } from '../../core/metrics/verdict.ts';
import { BETTER, METRIC_NAMES, type Metric, type MetricName } from '../../core/metrics/types.ts';
import { deviceName } from '../../core/report/latency.ts';
import { trialDifference } from '../../core/report/trial-difference.ts';
import type { LatencyPair, Report } from '../../core/report/types.ts';
import type { Trial } from '../../../workers/protocol.ts';
import { formatDifference, formatMetric } from '../../core/metrics/metric-text.ts';
import { formatBytes, formatLatency, formatRatio, signed, significant } from '../format/format.ts';
import { compare as t } from '../strings/en-compare.ts';
import { en } from '../strings/en.ts';

/** What one trial has in a measure. */
export interface ComparedValue {
  readonly text: string;
  readonly error?: string;
  readonly value: number;
  /** Ends of its bar: two standard errors to both sides; of times, from the median up to the 90th percentile. */
  readonly bar: readonly [number, number];
}

/** A trial minus the first one. */
export type ComparedDifference =
  | {
      readonly text: string;
      readonly error?: string;
      readonly note?: string;
      readonly help?: string;
    }
  | { readonly apart: string };

export interface ComparedRow {
  readonly key: string;
  readonly label: string;
  readonly better?: 'lower' | 'higher';
  readonly values: readonly (ComparedValue | undefined)[];
  /** Of the original, where it is the same for all. */
  readonly original?: number;
  /** One for each trial after the first. */
  readonly differences: readonly ComparedDifference[];
}

type Measured = readonly (Report | undefined)[];

/** All that two to four trials have in common to be compared: sizes, quality, latency. */
export function compareRows(trials: readonly Pick<Trial, 'report'>[]): ComparedRow[] {
  const reports = trials.map(({ report }) => report);
  return [...metricRows(reports), ...sizeRows(reports), ...latencyRows(reports)];
}

function metricRows(reports: Measured): ComparedRow[] {
  const found = (name: MetricName): readonly (Metric | undefined)[] =>
    reports.map((report) => report?.evaluation?.compressed[name]);
  const names = METRIC_NAMES.filter((name) => found(name).some((metric) => metric !== undefined));
  const first = decidingMetric(...reports.flatMap((r) => r?.evaluation?.compressed ?? []));
  const sorted = [...names].sort((a, b) => Number(b === first) - Number(a === first));
  return sorted.map((name) => ({
    ...{
      key: name,
      label: en.metrics[name],
      values: found(name).map((m) => m && valueOf(name, m)),
    },
    ...(betterOf(name) && { better: betterOf(name) }),
    ...originalOf(name, reports),
    differences: reports.slice(1).map((report) => metricDifference(name, reports[0], report)),
  }));
}

function betterOf(name: MetricName): 'lower' | 'higher' | undefined {
  return (BETTER as Partial<Record<MetricName, 'lower' | 'higher'>>)[name];
}

function valueOf(name: MetricName, metric: Metric): ComparedValue {
  const { value, error } = formatMetric(name, metric);
  const half = Number.isFinite(metric.standardError) ? 2 * metric.standardError : 0;
  return {
    ...{ text: value, error, value: metric.value },
    bar: [metric.value - half, metric.value + half],
  };
}

function originalOf(name: MetricName, reports: Measured): { original?: number } {
  if (!sameData(reports)) return {};
  const value = reports[0]?.evaluation?.original[name]?.value;
  return value === undefined ? {} : { original: value };
}

function sameData(reports: Measured): boolean {
  const ids = reports.map((r) => r && `${r.inputSha256} ${r.evaluation?.sha256 ?? ''}`);
  return new Set(ids).size === 1;
}

function metricDifference(
  name: MetricName,
  a: Report | undefined,
  b: Report | undefined,
): ComparedDifference {
  if (a === undefined || b === undefined) return { apart: t.apart.missing };
  const found = trialDifference(name, a, b);
  if (found.kind === 'apart') return { apart: t.apart[found.reason] };
  const { value, error } = formatDifference(name, found.difference);
  const paired = found.kind === 'paired';
  const shared = paired && found.shared !== undefined ? t.shared(found.shared) : t.paired;
  return {
    ...{ text: value, error },
    ...(paired ? { note: shared, help: t.pairedHelp } : { note: t.unpaired, help: t.unpairedHelp }),
  };
}

function sizeRows(reports: Measured): ComparedRow[] {
  const bytes = reports.map((report) => report?.after.bytes);
  const bits = reports.map((report) => report?.after.bitsPerWeight);
  const sameModel = new Set(reports.map((report) => report?.inputSha256)).size === 1;
  const before = sameModel ? reports[0]?.before : undefined;
  const row = (
    texts: Pick<ComparedRow, 'key' | 'label'>,
    values: readonly (number | undefined)[],
    original: number | undefined,
    written: (value: number) => string,
  ): ComparedRow => ({
    ...texts,
    ...(original !== undefined && { original }),
    values: values.map((v) => (v === undefined ? v : { text: written(v), value: v, bar: [v, v] })),
    differences: reports.slice(1).map((b, at) => {
      const apart = modelsApart(reports[0], b);
      if (apart !== undefined) return { apart };
      const change = (values[at + 1] ?? NaN) - (values[0] ?? NaN);
      return { text: signed(change, written(change)) };
    }),
  });
  const sizes = row({ key: 'bytes', label: t.size }, bytes, before?.bytes, formatBytes);
  const ratios = reports.map((r) => r && formatRatio(r.before.bytes, r.after.bytes));
  return [
    {
      ...sizes,
      better: 'lower',
      values: sizes.values.map((v, at) => v && { ...v, error: ratios[at] }),
    },
    row({ key: 'bits', label: t.bits }, bits, before?.bitsPerWeight, significant),
  ];
}

function modelsApart(a: Report | undefined, b: Report | undefined): string | undefined {
  if (a === undefined || b === undefined) return t.apart.missing;
  return a.inputSha256 === b.inputSha256 ? undefined : t.apart.models;
}

interface Timed extends LatencyPair {
  readonly device: string;
  readonly tokens?: number;
}

/** What was timed, under a name that is the same only for the same device and length. */
function timings(report: Report | undefined): ReadonlyMap<string, Timed> {
  const all = Object.entries(report?.latency ?? {}).flatMap(
    ([device, { short, long, ...whole }]) => {
      const stated = [short, long].filter((at) => at !== undefined);
      return (stated.length > 0 ? stated : [whole]).map((at): Timed => ({ device, ...at }));
    },
  );
  return new Map(all.map((timed) => [`${timed.device} ${timed.tokens ?? ''}`, timed]));
}

function latencyRows(reports: Measured): ComparedRow[] {
  const timed = reports.map(timings);
  const keys = [...new Set(timed.flatMap((map) => [...map.keys()]))];
  return keys.map((key) => {
    const all = timed.map((map) => map.get(key));
    const known = all.find((one) => one !== undefined);
    return {
      ...{
        key: `latency ${key}`,
        label: t.latency(deviceName(known?.device ?? ''), known?.tokens),
      },
      better: 'lower',
      values: all.map((one) => one && latencyValue(one)),
      differences: all.slice(1).map((one, at) => latencyDifference(reports, at + 1, all[0], one)),
    };
  });
}

function latencyValue({ compressed: { median, p90 } }: Timed): ComparedValue {
  return { text: formatLatency(median), value: median, bar: [median, Math.max(median, p90)] };
}

function latencyDifference(
  reports: Measured,
  at: number,
  a: Timed | undefined,
  b: Timed | undefined,
): ComparedDifference {
  const apart = modelsApart(reports[0], reports[at]);
  if (apart !== undefined) return { apart };
  if (a === undefined || b === undefined) return { apart: t.apart.missing };
  const change = b.compressed.median - a.compressed.median;
  return { text: signed(change, formatLatency(change)) };
}
