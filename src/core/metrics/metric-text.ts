import type { Metric, MetricName } from './types.ts';

/** Shares are read in per cent, their differences in points. */
const SHARES: readonly MetricName[] = [
  'accuracy',
  'agreement',
  'top10',
  'sameTop1',
  'deltaP',
  'deltaPRms',
];

export function isShare(name: MetricName): boolean {
  return SHARES.includes(name);
}

/** From here down a value and its error are written with exponents, as errors of layers are: six places say too little. */
const TINY = { value: 1e-3, error: 1e-4 } as const;

/** Stands where the error would: one example says nothing about it. */
const ONE = 'n = 1';

export interface MetricText {
  readonly value: string;
  readonly error: string;
}

/** A value of a metric and its error: two digits of the error, and the value to the same place. */
export function formatMetric(name: MetricName, metric: Metric): MetricText {
  return written(name, metric, isShare(name) ? ' %' : '');
}

/** The same of a difference, with its sign; between two shares it is in points. */
export function formatDifference(name: MetricName, metric: Metric): MetricText {
  const { value, error } = written(name, metric, '');
  const text = signed(metric.value, value);
  if (!isShare(name)) return { value: text, error };
  return Number.isFinite(metric.standardError)
    ? { value: text, error: `${error} points` }
    : { value: `${text} points`, error };
}

function written(name: MetricName, metric: Metric, unit: string): MetricText {
  const scale = isShare(name) ? 100 : 1;
  const value = metric.value * scale;
  const error = metric.standardError * scale;
  if (!Number.isFinite(error)) {
    return { value: `${fixed(value, digitsFor(value, 0))}${unit}`, error: ONE };
  }
  if (value !== 0 && Math.abs(value) < TINY.value && error < TINY.error) {
    const text = value.toExponential(1).replace(/^-/, '−');
    return { value: `${text}${unit}`, error: `± ${error.toExponential(1)}` };
  }
  const digits = digitsFor(value, error);
  return { value: `${fixed(value, digits)}${unit}`, error: `± ${error.toFixed(digits)}` };
}

function digitsFor(value: number, error: number): number {
  const reference = error > 0 ? error / 10 : Math.abs(value) / 1000;
  if (!(reference > 0) || !Number.isFinite(reference)) return 2;
  return Math.min(6, Math.max(0, -Math.floor(Math.log10(reference)) - (error > 0 ? 0 : 1)));
}

/** With the minus sign of typography, as wide as a plus; and no minus before a zero. */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return /^-[0.]*$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

/** For differences: + before what grew. */
export function signed(value: number, text: string): string {
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}
