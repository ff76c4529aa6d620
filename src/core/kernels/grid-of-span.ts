import { roundHalfEven } from './arithmetic.ts';
import { maxCode, middleCode, type Range, type UniformOptions } from './uniform.ts';

const f = Math.fround;

/** Smallest normal float32. */
const TINY = 2 ** -126;

/** What a group's grid has to reach; for `signed-max` low is the value of largest magnitude. */
export interface GridSpan {
  readonly low: number;
  readonly high: number;
}

/** Scale and zero code of one group. */
export interface Grid {
  readonly scale: number;
  readonly zero: number;
}

/** The span of values[start, end) as {@link Range} says; NaN where one of them is. */
export function spanOf(values: Float32Array, start: number, end: number, range: Range): GridSpan {
  let low = 0;
  let high = 0;
  let signed = 0;
  for (let i = start; i < end; i++) {
    const v = values[i];
    // Math.min keeps NaN, so that a group holding one gets a scale that is not finite.
    low = Math.min(low, v);
    high = Math.max(high, v);
    if (Math.abs(v) > Math.abs(signed)) signed = v;
  }
  if (range === 'signed-max') return { low: Number.isNaN(low) ? low : signed, high };
  if (range === 'minmax') return { low, high };
  const largest = Math.max(-low, high);
  return { low: -largest, high: largest };
}

/** Steps below the smallest normal number cannot be divided by: such a group counts as all zero. */
export function gridOfSpan(span: GridSpan, range: Range, bits: UniformOptions['bits']): Grid {
  const middle = middleCode(bits);
  if (range === 'signed-max') {
    const scale = f(span.low / -middle);
    return { scale: Math.abs(scale) < TINY ? 0 : scale, zero: middle };
  }
  const scale = f(f(span.high - span.low) / maxCode(bits));
  const { low, step } =
    scale < TINY ? { low: -1, step: f(2 / maxCode(bits)) } : { low: span.low, step: scale };
  return { scale: step, zero: range === 'minmax' ? roundHalfEven(f(-low / step)) : middle };
}

/** The code of one value: clamp(round(w / scale) + zero, 0, maxCode). */
export function encode(value: number, grid: Grid, range: Range, max: number): number {
  if (range === 'signed-max') {
    const reciprocal = grid.scale === 0 ? 0 : f(1 / grid.scale);
    return clamp(Math.floor(f(f(value * reciprocal) + (grid.zero + 0.5))), max);
  }
  return clamp(roundHalfEven(f(value / grid.scale)) + grid.zero, max);
}

function clamp(code: number, max: number): number {
  return Math.min(max, Math.max(0, code));
}
