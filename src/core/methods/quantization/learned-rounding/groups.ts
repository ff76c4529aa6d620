import { LatheError } from '../../../errors/lathe-error.ts';
import { roundHalfEven } from '../../../kernels/arithmetic.ts';
import { maxCode, middleCode, type Bits } from '../../../kernels/uniform.ts';

export interface GridShape {
  readonly columns: number;
  readonly groupSize: number;
  readonly bits: Bits;
  readonly symmetric: boolean;
}

/** Weights [from, end) that share a grid, and its ends before anything was learned. */
export interface WeightGroup {
  readonly from: number;
  readonly end: number;
  /** Least and largest weight, or 0; for symmetric grids `low` is the weight of largest magnitude. */
  readonly low: number;
  readonly high: number;
}

/** The groups of a matrix in order. Throws `weight-not-finite`. */
export function groupsOf(values: Float32Array, shape: GridShape): readonly WeightGroup[] {
  const { columns, groupSize, symmetric } = shape;
  const groups: WeightGroup[] = [];
  for (let row = 0; row < values.length; row += columns)
    for (let at = 0; at < columns; at += groupSize) {
      const [from, end] = [row + at, row + Math.min(at + groupSize, columns)];
      const ends = symmetric ? extremeOf(values, from, end) : rangeOf(values, from, end);
      if (!Number.isFinite(ends.high - ends.low)) throw notFinite(groups.length);
      groups.push({ from, end, ...ends });
    }
  return groups;
}

function rangeOf(values: Float32Array, from: number, end: number) {
  let [low, high] = [0, 0];
  for (let i = from; i < end; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return { low, high };
}

function extremeOf(values: Float32Array, from: number, end: number) {
  let low = 0;
  for (let i = from; i < end; i++) {
    if (Number.isNaN(values[i])) return { low: NaN, high: 0 };
    if (Math.abs(values[i]) > Math.abs(low)) low = values[i];
  }
  return { low, high: 0 };
}

const f = Math.fround;

/** s and z of a group with its ends drawn in to α·high and β·low (symmetric: β·low alone), as round to nearest has them for 1. */
export function gridOf(
  { low, high }: WeightGroup,
  alpha: number,
  beta: number,
  { bits, symmetric }: GridShape,
): { readonly scale: number; readonly zero: number } {
  if (symmetric) {
    const scale = f((beta * low) / -middleCode(bits));
    return { scale: scale === 0 ? 1 : scale, zero: middleCode(bits) };
  }
  const [most, least] = [f(alpha * high), f(beta * low)];
  const scale = f(f(most - least) / maxCode(bits));
  if (scale === 0) return { scale: 1, zero: 0 };
  return { scale, zero: roundHalfEven(f(-least / scale)) };
}

function notFinite(group: number): LatheError {
  return new LatheError(
    'weight-not-finite',
    `Group ${group} of this weight holds a value that is not a finite number, so it has no grid: repair or re-export the model, or leave this layer out.`,
    { group },
  );
}
