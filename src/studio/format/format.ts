import type { Metric, MetricName } from '../../core/metrics/types.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, three significant digits: 1.06 MB, 260 kB, 512 B. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? fixed(value, 0) : significant(value)} ${UNITS[unit]}`;
}

/** Every byte, with thin grouping: 1 056 540 B. */
export function formatExactBytes(bytes: number): string {
  return `${grouped(bytes)} B`;
}

export function grouped(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** 260 k, 1.2 M, 7 B parameters. */
export function formatCount(count: number): string {
  if (count < 999.5) return String(Math.round(count));
  if (count < 999_500) return `${significant(count / 1e3)} k`;
  if (count < 999.5e6) return `${significant(count / 1e6)} M`;
  return `${significant(count / 1e9)} B`;
}

/** Three significant digits without trailing exponent: 5.02, 12.3, 120. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  return fixed(value, magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2);
}

/** With the minus sign of typography, as wide as a plus; and no minus before a zero. */
function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return /^-[0.]*$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

/** A tick of an axis, with as many places as tell it from the next one, a step away. */
export function formatTick(value: number, step: number): string {
  return fixed(value, Math.min(9, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))));
}

/** For differences: + before what grew. */
export function signed(value: number, text: string): string {
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

export function formatRatio(before: number, after: number): string {
  if (after <= 0) return '–';
  return `${significant(before / after)}×`;
}

/** A middling mobile connection; the assumption is shown wherever the number is. */
export const MOBILE_MEGABITS = 20;

export function formatDownload(bytes: number): string {
  return formatSeconds((bytes * 8) / (MOBILE_MEGABITS * 1e6));
}

export function formatSeconds(seconds: number): string {
  if (seconds < 0.995) return `${Math.max(0.01, seconds).toFixed(2)} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${significant(seconds / 3600)} h`;
}

/** Time that counts down: whole seconds, which can be read while they change. */
export function formatTimeLeft(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : formatSeconds(seconds);
}

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

/** Digits follow the error bar: two digits of it, and the value to the same place. */
export function formatMetric(name: MetricName, metric: Metric): { value: string; error: string } {
  const scale = isShare(name) ? 100 : 1;
  const unit = isShare(name) ? ' %' : '';
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

/** Small errors in one readable form: 0.0123, 4.5e-6. */
export function formatError(value: number): string {
  if (value === 0) return '0';
  return value < 1e-3 ? value.toExponential(1) : value.toPrecision(3);
}

export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toLocaleString(undefined, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
}

export function formatLatency(milliseconds: number): string {
  return milliseconds < 1000
    ? `${significant(milliseconds)} ms`
    : `${significant(milliseconds / 1000)} s`;
}
