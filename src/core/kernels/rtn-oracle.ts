import { power2Point4, roundHalfEven } from './arithmetic.ts';
import {
  groupsPerRow,
  maxCode,
  middleCode,
  type Grids,
  type Range,
  type UniformCodes,
  type UniformOptions,
} from './uniform.ts';

const f = Math.fround;

/** Steps of the clip search: ranges shrink by 1/100 down to 21/100 (reference: grid 100, maxshrink 0.8). */
export const CLIP_STEPS = 80;

/** Smallest normal float32. */
const TINY = 2 ** -126;

interface Span {
  readonly low: number;
  readonly high: number;
}

interface Grid {
  readonly scale: number;
  readonly zero: number;
}

/**
 * Round-to-nearest in plain TypeScript, the oracle of `quantizeUniform`: same rounding of every
 * operation (float32), so the WASM kernel must agree bit for bit.
 */
export function quantizeUniformOracle(
  values: Float32Array,
  rows: number,
  columns: number,
  options: UniformOptions,
): UniformCodes {
  const { groupSize, range, bits } = options;
  const groups = groupsPerRow(columns, groupSize);
  const codes = new Uint8Array(rows * columns);
  const scales = new Float32Array(rows * groups);
  const zeros = new Uint8Array(rows * groups);
  for (let r = 0; r < rows; r++)
    for (let g = 0; g < groups; g++) {
      const start = r * columns + g * groupSize;
      const end = r * columns + Math.min(columns, (g + 1) * groupSize);
      const grid = gridOf(values, start, end, options);
      scales[r * groups + g] = grid.scale;
      zeros[r * groups + g] = grid.zero;
      for (let i = start; i < end; i++) codes[i] = encode(values[i], grid, range, maxCode(bits));
    }
  return range === 'minmax' ? { codes, scales, zeros } : { codes, scales };
}

/** Oracle of `findGrids`. */
export function findGridsOracle(
  values: Float32Array,
  rows: number,
  columns: number,
  options: UniformOptions,
): Grids {
  const groups = groupsPerRow(columns, options.groupSize);
  const scales = new Float32Array(rows * groups);
  const zeros = new Uint8Array(rows * groups);
  for (let r = 0; r < rows; r++)
    for (let g = 0; g < groups; g++) {
      const start = r * columns + g * options.groupSize;
      const end = r * columns + Math.min(columns, (g + 1) * options.groupSize);
      const grid = gridOf(values, start, end, options);
      scales[r * groups + g] = grid.scale;
      zeros[r * groups + g] = grid.zero;
    }
  return { scales, zeros };
}

/** The grid of values[start, end): scale and zero code as {@link Range} and `clip` say. */
export function gridOf(
  values: Float32Array,
  start: number,
  end: number,
  options: Omit<UniformOptions, 'groupSize'>,
): Grid {
  const { bits, range, clip } = options;
  const span = spanOf(values, start, end, range);
  if (clip !== 'mse') return gridOfSpan(span, range, bits);
  return searchGrid(values, start, end, span, options);
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

function spanOf(values: Float32Array, start: number, end: number, range: Range): Span {
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
function gridOfSpan(span: Span, range: Range, bits: UniformOptions['bits']): Grid {
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

function searchGrid(
  values: Float32Array,
  start: number,
  end: number,
  span: Span,
  options: Omit<UniformOptions, 'groupSize'>,
): Grid {
  let best = gridOfSpan(span, options.range, options.bits);
  let bestError = Infinity;
  for (let step = 0; step < CLIP_STEPS; step++) {
    const p = f(1 - step / 100);
    const shrunk = { low: f(p * span.low), high: f(p * span.high) };
    const grid = gridOfSpan(shrunk, options.range, options.bits);
    const error = gridError(values, start, end, grid, options);
    if (error < bestError) {
      bestError = error;
      best = grid;
    }
  }
  return best;
}

/** Σ |ŵ − w|^2.4 in four float64 lanes (index mod 4), added as the SIMD kernel adds them. */
function gridError(
  values: Float32Array,
  start: number,
  end: number,
  grid: Grid,
  options: Pick<UniformOptions, 'bits' | 'range'>,
): number {
  const lanes = [0, 0, 0, 0];
  const max = maxCode(options.bits);
  for (let i = start; i < end; i++) {
    const code = encode(values[i], grid, options.range, max);
    const difference = f(f(grid.scale * (code - grid.zero)) - values[i]);
    lanes[(i - start) & 3] += power2Point4(difference);
  }
  return lanes[0] + lanes[1] + (lanes[2] + lanes[3]);
}
