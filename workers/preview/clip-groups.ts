import type { Group } from '../../src/core/encodings/index.ts';

/** Weights that share a grid, and the grid that just reaches the largest of them. */
export interface ClipGroup {
  readonly values: Float32Array;
  readonly importance: Float32Array | undefined;
  readonly grid: Even | Uneven;
  /** Σ m·w² */
  readonly signal: number;
}

/** ŵ = scale·(code − zero), 0 ≤ code ≤ most. */
interface Even {
  readonly scale: number;
  readonly zero: number;
  readonly most: number;
}

/** Values that rise. */
type Uneven = Float32Array;

interface Shape {
  readonly rows: number;
  readonly columns: number;
  /** Columns that share a grid. */
  readonly width: number;
}

type Grid = Pick<Group, 'bits' | 'zero' | 'levels'>;

/** The groups of values [rows, columns], each with its whole range. */
export function groupsIn(
  values: Float32Array,
  { rows, columns, width }: Shape,
  grid: Grid,
  importance: Float32Array | undefined,
): readonly ClipGroup[] {
  const groups: ClipGroup[] = [];
  for (let r = 0; r < rows; r++)
    for (let from = 0; from < columns; from += width) {
      const end = Math.min(columns, from + width);
      const own = values.subarray(r * columns + from, r * columns + end);
      const m = importance && eachOf(importance, from, own.length);
      groups.push({
        values: own,
        importance: m,
        grid: wholeGrid(own, grid),
        signal: signalOf(own, m),
      });
    }
  return groups;
}

/** Of one grid over many rows, columns come again. */
function eachOf(importance: Float32Array, from: number, count: number): Float32Array {
  if (from + count <= importance.length) return importance.subarray(from, from + count);
  return Float32Array.from({ length: count }, (_, i) => importance[i % importance.length]);
}

function signalOf(values: Float32Array, importance: Float32Array | undefined): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2 * (importance?.[i] ?? 1);
  return sum;
}

/** Symmetric grids put their outermost value on the largest weight, others span from the least to the largest. */
function wholeGrid(values: Float32Array, { bits, zero, levels }: Grid): Even | Uneven {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const most = 2 ** bits - 1;
  const middle = 2 ** (bits - 1);
  if (zero === undefined) return stretched(levels, low, high);
  if (zero === middle) return { scale: (-low > high ? low : high) / -middle, zero: middle, most };
  const scale = (high - low) / most;
  return { scale, zero: scale === 0 ? 0 : Math.round(-low / scale), most };
}

/** The values of a table, so much larger or smaller that the outermost reaches the outermost weight. */
function stretched(levels: Float32Array, low: number, high: number): Uneven {
  const outermost = levels.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  const reach = levels.some((level) => level === -outermost)
    ? Math.max(-low, high) / Math.abs(outermost)
    : (-low > high ? low : high) / outermost;
  return levels.map((level) => (outermost === 0 ? 0 : level * reach)).toSorted();
}

/** Σ m·(ŵ − w)² with so much of the whole range covered. */
export function clipErrors({ values, importance, grid }: ClipGroup, ratio: number): number {
  return grid instanceof Float32Array
    ? unevenErrors(values, importance, grid, ratio)
    : evenErrors(values, importance, grid, ratio);
}

function evenErrors(
  values: Float32Array,
  importance: Float32Array | undefined,
  { scale, zero, most }: Even,
  ratio: number,
): number {
  const step = scale * ratio;
  const inverse = step === 0 ? 0 : 1 / step;
  const [least, top] = [-zero, most - zero];
  let sum = 0;
  // WHY no callback: this runs over all weights forty times.
  for (let i = 0; i < values.length; i++) {
    let code = Math.round(values[i] * inverse);
    if (code < least) code = least;
    else if (code > top) code = top;
    const error = code * step - values[i];
    sum += importance === undefined ? error * error : error * error * importance[i];
  }
  return sum;
}

function unevenErrors(
  values: Float32Array,
  importance: Float32Array | undefined,
  levels: Uneven,
  ratio: number,
): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const w = values[i] / ratio;
    let [low, high] = [0, levels.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (2 * w > levels[middle] + levels[middle + 1]) low = middle + 1;
      else high = middle;
    }
    const error = (levels[low] - w) * ratio;
    sum += importance === undefined ? error * error : error * error * importance[i];
  }
  return sum;
}
