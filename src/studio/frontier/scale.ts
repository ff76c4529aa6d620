import { niceTicks } from './points.ts';

/** Positions on the quality axis: values themselves, or their logarithms where a few would flatten the rest. */
export interface QualityScale {
  readonly logarithmic: boolean;
  readonly domain: readonly [number, number];
  /** Values with a tick, ascending. */
  readonly ticks: readonly number[];
  /** Where a value lies, in the units of {@link domain}. */
  readonly place: (value: number) => number;
}

interface Measured {
  readonly value: number;
  /** Half the error bar. */
  readonly bar: number;
}

/** From here on the better half of the values would share less than a third of a linear axis. */
const LARGE_RATIO = 3;

/**
 * Linear, or logarithmic where the largest value is more than three times the least above zero and lower is
 * better: there the worst trial would press all good ones into one line.
 */
export function qualityScale(
  points: readonly Measured[],
  better: 'lower' | 'higher',
): QualityScale {
  const values = points.map(({ value }) => value);
  const positive = values.filter((value) => value > 0);
  const large = Math.max(...positive) > LARGE_RATIO * Math.min(...positive);
  return better === 'lower' && large && values.every((value) => value >= 0)
    ? logarithmicScale(points)
    : linearScale(points);
}

function linearScale(points: readonly Measured[]): QualityScale {
  const low = points.map(({ value, bar }) => value - bar);
  const high = points.map(({ value, bar }) => value + bar);
  // Without points any scale will do.
  const ticks =
    points.length === 0
      ? [0, 0.25, 0.5, 0.75, 1]
      : niceTicks(Math.min(...low), Math.max(...high), 6);
  return {
    logarithmic: false,
    domain: [ticks[0], ticks[ticks.length - 1]],
    ticks,
    place: (value) => value,
  };
}

/** Part of the axis left free at both ends. */
const MARGIN = 0.05;
/** How far below the least value zero is drawn, which has no logarithm, in parts of the axis. */
const TO_ZERO = 0.15;

function logarithmicScale(points: readonly Measured[]): QualityScale {
  const positive = points.filter(({ value }) => value > 0);
  const least = Math.min(...positive.map(({ value }) => value));
  // A bar that reaches below zero ends where the axis does.
  const low = Math.log10(Math.min(...positive.map(({ value, bar }) => lowEnd(value, bar, least))));
  const high = Math.log10(Math.max(...positive.map(({ value, bar }) => value + bar)));
  const span = high - low;
  const zero = low - TO_ZERO * span;
  const withZero = positive.length < points.length;
  const floor = withZero ? zero : low - MARGIN * span;
  const place = (value: number): number => (value > 0 ? Math.max(floor, Math.log10(value)) : floor);
  const domain = [floor - (withZero ? MARGIN * span : 0), high + MARGIN * span] as const;
  const ticks = logTicks(withZero ? low : floor, domain[1], 7);
  return { logarithmic: true, domain, ticks: withZero ? [0, ...ticks] : ticks, place };
}

function lowEnd(value: number, bar: number, least: number): number {
  return value - bar > least / 2 ? value - bar : Math.min(value, least);
}

/** Leading digits of ticks, from dense to sparse. */
const DIGITS = [[1, 1.5, 2, 3, 4, 5, 7], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]] as const;

/** Round values between 10^low and 10^high: as many as fit, evenly enough. */
export function logTicks(low: number, high: number, count: number): number[] {
  for (const digits of DIGITS) {
    const ticks = roundBetween(low, high, digits, 1);
    if (ticks.length <= count) return ticks;
  }
  return roundBetween(low, high, [1], Math.ceil((high - low) / count));
}

function roundBetween(low: number, high: number, digits: readonly number[], step: number) {
  const ticks: number[] = [];
  for (let exponent = Math.floor(low); exponent <= high; exponent += step) {
    for (const digit of digits) {
      const at = Math.log10(digit) + exponent;
      if (at >= low && at <= high) ticks.push(Number(`${digit}e${exponent}`));
    }
  }
  return ticks;
}
