import { power2Point4, roundHalfEven } from './arithmetic.ts';
import { exactClip, octavClip, type ClipGroup, type ClipModel } from './closed-clip.ts';
import { encode, gridOfSpan, spanOf, type Grid, type GridSpan } from './grid-of-span.ts';
import { maxCode, middleCode, type UniformOptions } from './uniform.ts';

const f = Math.fround;

/** Steps of the clip search: ranges shrink by 1/100 down to 21/100 (reference: grid 100, maxshrink 0.8). */
export const CLIP_STEPS = 80;

/** Values whose errors are summed in float32 before they enter the float64 sum. */
const PIECE = 256;

/** WHY kept: it is summed into for every group of a matrix. */
const LANES = new Float32Array(4);

type Options = Omit<UniformOptions, 'groupSize'>;

/** One group: values[start, end), and what the squared error of each counts (1 when absent). */
export interface GroupValues {
  readonly values: Float32Array;
  readonly start: number;
  readonly end: number;
  readonly importance?: Float32Array | undefined;
}

/** The grid of a group: scale and zero code as {@link Range} and `clip` say. */
export function gridOf(group: GroupValues, options: Options): Grid {
  const { bits, range, clip = 'none' } = options;
  const span = spanOf(group.values, group.start, group.end, range);
  const full = gridOfSpan(span, range, bits);
  switch (clip) {
    case 'none':
      return full;
    case 'mse':
      return searchShrunk(group, span, options);
    case 'search':
      return searchScale(group, span, full, options);
    default:
      return closedGrid(group, span, full, options);
  }
}

/** The grid of a clip in closed form, where its squared error is below that of the whole range. */
export function closedGrid(
  group: GroupValues,
  span: GridSpan,
  full: Grid,
  { bits, range, clip }: Options,
): Grid {
  if (!Number.isFinite(full.scale)) return full;
  const middle = range === 'minmax' ? (span.low + span.high) / 2 : 0;
  const about: ClipGroup = { ...group, middle };
  const model = modelOf(range, bits, span);
  const c = clip === 'octav' ? octavClip(about, bits) : exactClip(about, model);
  const cut = gridOfSpan(spanOfClip(c, middle, span, range), range, bits);
  const max = maxCode(bits);
  const better = squaredError(group, cut, max) < squaredError(group, full, max);
  return better ? cut : full;
}

/** A grid of `signed-max` has 2^(bits−1) steps on the side of the largest value, and one fewer on the other. */
function modelOf(range: Options['range'], bits: Options['bits'], { low }: GridSpan): ClipModel {
  if (range !== 'signed-max') return { steps: maxCode(bits) / 2, above: 1, below: 1 };
  const steps = middleCode(bits);
  const short = (steps - 1) / steps;
  return low > 0 ? { steps, above: 1, below: short } : { steps, above: short, below: 1 };
}

function spanOfClip(
  c: number,
  middle: number,
  { low }: GridSpan,
  range: Options['range'],
): GridSpan {
  if (range === 'signed-max') return { low: f(low > 0 ? c : -c), high: 0 };
  return { low: Math.min(0, f(middle - c)), high: Math.max(0, f(middle + c)) };
}

function searchShrunk(group: GroupValues, span: GridSpan, options: Options): Grid {
  let best = gridOfSpan(span, options.range, options.bits);
  let bestError = Infinity;
  for (let step = 0; step < CLIP_STEPS; step++) {
    const grid = shrunk(span, step, options);
    const error = gridError(group, grid, options);
    if (error < bestError) {
      bestError = error;
      best = grid;
    }
  }
  return best;
}

function shrunk({ low, high }: GridSpan, step: number, { range, bits }: Options): Grid {
  const p = f(1 - step / 100);
  return gridOfSpan({ low: f(p * low), high: f(p * high) }, range, bits);
}

/** Σ |ŵ − w|^2.4 in four float64 lanes (index mod 4), added as the SIMD kernel adds them. */
function gridError(
  { values, start, end }: GroupValues,
  grid: Grid,
  { bits, range }: Pick<Options, 'bits' | 'range'>,
): number {
  const lanes = [0, 0, 0, 0];
  const max = maxCode(bits);
  for (let i = start; i < end; i++) {
    const code = encode(values[i], grid, range, max);
    const difference = f(f(grid.scale * (code - grid.zero)) - values[i]);
    lanes[(i - start) & 3] += power2Point4(difference);
  }
  return lanes[0] + lanes[1] + (lanes[2] + lanes[3]);
}

/** How far about the full range, in levels, opt-RTN searches the inverse of a signed scale, and in how many steps. */
export function searchSteps(bits: number): { readonly count: number; readonly width: number } {
  const middle = 2 ** (bits - 1);
  return bits === 2 ? { count: 90, width: 0.01 } : { count: 100, width: (middle * 0.75) / 100 };
}

/**
 * opt-RTN: of all scales tried the one with the smallest Σ m·(ŵ − w)². Signed scales are w* / −(2^(bits−1) − k·width), k in
 * ±count; other ranges shrink as for `mse`. Source: intel/auto-round `quant_tensor_opt_rtn_sym`.
 */
function searchScale(group: GroupValues, span: GridSpan, full: Grid, options: Options): Grid {
  const { bits, range } = options;
  if (!Number.isFinite(full.scale) || full.scale === 0) return full;
  const max = maxCode(bits);
  let best = full;
  let bestError = squaredError(group, full, max);
  const tried = (grid: Grid): void => {
    const error = squaredError(group, grid, max);
    if (!(error < bestError)) return;
    bestError = error;
    best = grid;
  };
  if (range !== 'signed-max') {
    for (let step = 1; step < CLIP_STEPS; step++) tried(shrunk(span, step, options));
    return best;
  }
  const { count, width } = searchSteps(bits);
  const reciprocal = f(1 / span.low);
  for (let k = -count; k <= count; k++) {
    const inverse = f(f(k * width - full.zero) * reciprocal);
    if (k !== 0 && inverse !== 0) tried({ scale: f(1 / inverse), zero: full.zero });
  }
  return best;
}

/**
 * Σ m·(s·clamp(round(w/s), −zero, max − zero) − w)²: float32 terms in four lanes (index mod 4) over pieces of 256, which
 * add up in float64, as the SIMD kernel adds them.
 */
export function squaredError(
  { values, start, end, importance }: GroupValues,
  { scale, zero }: Grid,
  max: number,
): number {
  const inverse = scale === 0 ? 0 : f(1 / scale);
  let sum = 0;
  for (let from = start; from < end; from += PIECE) {
    LANES.fill(0);
    const stop = Math.min(end, from + PIECE);
    for (let i = from; i < stop; i++) {
      const code = Math.min(max - zero, Math.max(-zero, roundHalfEven(f(values[i] * inverse))));
      const error = f(f(scale * code) - values[i]);
      const square = f(error * error);
      LANES[(i - from) & 3] += importance ? f(square * importance[i - start]) : square;
    }
    sum += LANES[0] + LANES[1] + (LANES[2] + LANES[3]);
  }
  return sum;
}
