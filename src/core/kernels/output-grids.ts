import { nearestZero, type GridLevels } from './grid-levels.ts';
import type { FindGrid, GivenGrids, ReachedGroup } from './sweep-grids.ts';
import { maxCode, middleCode } from './uniform.ts';

/** Ranges that are tried, as shares of the group's own: most of what clips well lies between. */
const SHARES = { least: 0.5, most: 1.15, tries: 24 };

/** Zeros that are tried beside the one that lays the grid's middle over the middle of the range. */
const ZEROS_BESIDE = 1;

/**
 * Grids by the error on the output: of the scales and zeros that can be stored, those with the smallest Σ_j e_j² / U_jj²,
 * e the rounding errors of the group's columns as the sweep reaches them. That is what the group adds to ‖(W − Ŵ)Xᵀ‖²
 * when later columns make up for what they can; the correction inside the group is left out.
 */
export function outputGrids(rows: number, groups: number, levels: GridLevels): FindGrid {
  return (reached) => {
    const found = emptyGrids(rows, levels);
    const weights = Float64Array.from(reached.pivots, (pivot) => 1 / (pivot * pivot));
    for (let r = 0; r < rows; r++) {
      const grid = bestGrid(reached, weights, r, r * groups + reached.group, levels);
      found.scales[r] = grid.scale;
      found.zeros[r] = grid.zero;
    }
    return found;
  };
}

function emptyGrids(rows: number, { zeros }: GridLevels): GivenGrids {
  const whole = zeros === undefined || zeros.every(Number.isInteger);
  return {
    scales: new Float32Array(rows),
    zeros: whole ? new Uint8Array(rows) : new Float32Array(rows),
  };
}

interface Grid {
  scale: number;
  zero: number;
}

function bestGrid(
  { values, columns }: ReachedGroup,
  weights: Float64Array,
  row: number,
  at: number,
  levels: GridLevels,
): Grid {
  const n = columns.length;
  const own = values.subarray(row * n, (row + 1) * n);
  const { low, high } = rangeOf(own);
  const best = { scale: 0, zero: nearestZero(levels, middleCode(levels.bits)) };
  let least = Infinity;
  const top = maxCode(levels.bits);
  const consider = (scale: number, zero: number): void => {
    const error = errorOf(own, weights, { scale, zero }, top, least);
    if (error >= least) return;
    least = error;
    Object.assign(best, { scale, zero });
  };
  for (const scale of scalesOf(levels, at, low, high)) {
    if (scale === 0) consider(0, best.zero);
    else for (const zero of zerosOf(levels, scale, low, high)) consider(scale, zero);
  }
  return best;
}

function rangeOf(values: Float32Array): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}

/** Of symmetric grids both signs, because one side has a code more. */
function* scalesOf(levels: GridLevels, at: number, low: number, high: number): Generator<number> {
  const { bits, zeros, float } = levels;
  const whole = zeros ? (high - low) / maxCode(bits) : Math.max(-low, high) / middleCode(bits);
  const [least, most] = [SHARES.least * whole, SHARES.most * whole];
  const known = levels.scales(at);
  if (known !== undefined) yield* nearRange(known, least, most);
  else
    for (let k = 0; k < SHARES.tries; k++) {
      const scale = float(least + ((most - least) * k) / (SHARES.tries - 1));
      yield scale;
      if (!zeros) yield -scale;
    }
}

/** Levels of a size between; else the nearest of each sign. */
function nearRange(levels: Float32Array, least: number, most: number): Iterable<number> {
  const between = levels.filter((level) => Math.abs(level) >= least && Math.abs(level) <= most);
  if (between.length > 0) return between;
  const distance = (level: number): number => Math.abs(Math.abs(level) - (least + most) / 2);
  const nearest = Math.min(...Array.from(levels, distance));
  return levels.filter((level) => distance(level) === nearest);
}

function* zerosOf(levels: GridLevels, scale: number, low: number, high: number): Generator<number> {
  const { bits, zeros } = levels;
  if (zeros === undefined) return void (yield middleCode(bits));
  const step = zeros[1] - zeros[0];
  const centre = maxCode(bits) / 2 - (low + high) / 2 / scale;
  let before = NaN;
  for (let k = -ZEROS_BESIDE; k <= ZEROS_BESIDE; k++) {
    const zero = nearestZero(levels, centre + k * step);
    if (zero !== before) yield zero;
    before = zero;
  }
}

/** Σ_j weight_j·(ŵ_j − w_j)², or something at least `limit` as soon as it is known to reach that. */
function errorOf(
  values: Float32Array,
  weights: Float64Array,
  { scale, zero }: Grid,
  top: number,
  limit: number,
): number {
  const per = scale === 0 ? 0 : 1 / scale;
  let sum = 0;
  for (let j = 0; j < values.length && sum < limit; j++) {
    const code = Math.min(top, Math.max(0, Math.floor(values[j] * per + zero + 0.5)));
    const error = scale * (code - zero) - values[j];
    sum += weights[j] * error * error;
  }
  return sum;
}
