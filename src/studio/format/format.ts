import { fixed } from '../../core/metrics/metric-text.ts';

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

/** A tick of an axis, with as many places as tell it from the next one, a step away. */
export function formatTick(value: number, step: number): string {
  return fixed(value, Math.min(9, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))));
}

export { signed } from '../../core/metrics/metric-text.ts';

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

export { formatMetric, isShare } from '../../core/metrics/metric-text.ts';

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

/** Numbers stay with what belongs to them: no line ends before ± or a unit. */
export function unbroken(text: string): string {
  return text
    .replace(/ (±) /g, '\u00a0$1\u00a0')
    .replace(/([\d)]) (?=tokens?\b|threads?\b|m?s\b|points\b|%|[kM]?B\b)/g, '$1\u00a0');
}
