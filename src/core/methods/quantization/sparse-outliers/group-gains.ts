import { ascending } from './ascending.ts';

/** A grid's group: `groupSize` columns of a row, or a whole row. */
interface Groups {
  readonly columns: number;
  readonly groupSize: number;
}

/**
 * How much the error of its group falls per weight that leaves the group's range (SpQR's sensitivity, over runs of weights instead
 * of one at a time): with n values in a range R, rounding to 2^b levels leaves n·R²/(12·(2^b − 1)²), so the k-th weight to leave
 * saves R²_{k−1} − R²_k of that. The outermost weight leaves first: the one farthest from zero of a symmetric grid, else the end
 * without which the range shrinks more. Where a later weight saves more than one before it, they share what they save (two equal
 * outliers are worth as much together): so the best weights of all groups are always first in their own. `importance`: what a
 * column's squared error counts. Gains without the constant 12·(2^b − 1)², [rows, columns].
 */
export function groupGains(
  values: Float32Array,
  { columns, groupSize }: Groups,
  symmetric: boolean,
  importance?: Float32Array,
): Float32Array<ArrayBuffer> {
  const gains = new Float32Array(values.length);
  const size = Math.min(groupSize, columns);
  const [leave, share] = [leaving(size, symmetric), sharing(size)];
  for (let row = 0; row < values.length; row += columns)
    for (let at = 0; at < columns; at += groupSize) {
      const end = Math.min(at + groupSize, columns);
      const { order, squares } = leave(values.subarray(row + at, row + end));
      const weight = importance ? sumOf(importance, at, end) : end - at;
      share(squares, end - at, (k, gain) => (gains[row + at + order[k]] = weight * gain));
    }
  return gains;
}

function sumOf(values: Float32Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i < end; i++) sum += values[i];
  return sum;
}

/** The order in which values of a group leave, and R² of what is left before each and after the last; arrays are used again. */
function leaving(size: number, symmetric: boolean) {
  const order = new Int32Array(size);
  const squares = new Float64Array(size + 1);
  const sorted = new Int32Array(size);
  return (group: Float32Array) => {
    ascending(group, sorted);
    let [low, high] = [0, group.length - 1];
    for (let k = 0; k < group.length; k++) {
      const [least, most] = [group[sorted[low]], group[sorted[high]]];
      squares[k] = rangeOf(least, most, symmetric) ** 2;
      const below = rangeOf(group[sorted[Math.min(low + 1, high)]], most, symmetric);
      const above = rangeOf(least, group[sorted[Math.max(high - 1, low)]], symmetric);
      order[k] = below < above ? sorted[low++] : sorted[high--];
    }
    squares[group.length] = 0;
    return { order, squares };
  };
}

/** Grids hold zero; symmetric ones reach as far on both sides. */
function rangeOf(least: number, most: number, symmetric: boolean): number {
  if (symmetric) return 2 * Math.max(Math.abs(least), Math.abs(most));
  return Math.max(most, 0) - Math.min(least, 0);
}

/** R²_k − R²_{k+1}, made never to rise: runs in which they do get their mean (pool adjacent violators). */
function sharing(size: number) {
  const starts = new Int32Array(size);
  const means = new Float64Array(size);
  return (squares: Float64Array, count: number, give: (k: number, gain: number) => void): void => {
    let runs = 0;
    for (let k = 0; k < count; k++) {
      let start = k;
      while (runs > 0 && means[runs - 1] * (k + 1 - start) < squares[start] - squares[k + 1]) {
        start = starts[--runs];
      }
      starts[runs] = start;
      means[runs++] = (squares[start] - squares[k + 1]) / (k + 1 - start);
    }
    for (let run = 0; run < runs; run++) {
      const end = run + 1 < runs ? starts[run + 1] : count;
      for (let k = starts[run]; k < end; k++) give(k, means[run]);
    }
  };
}
