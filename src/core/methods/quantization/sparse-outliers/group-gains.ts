/** A grid's group: `groupSize` columns of a row, or a whole row. */
interface Groups {
  readonly columns: number;
  readonly groupSize: number;
}

/**
 * How much the error of its group falls per weight that leaves the group's range (SpQR's sensitivity, over whole runs of
 * weights instead of one at a time): with n values in a range R, rounding to 2^b levels leaves n·R²/(12·(2^b − 1)²), so the k-th
 * weight to leave saves R²_{k−1} − R²_k of that. The outermost weight leaves first: the one farthest from zero of a symmetric grid,
 * else that of the two ends without which the range shrinks more. Where a later weight saves more than one before it, they share what
 * they save (two equal outliers are worth as much together): so the best weights of all groups are always first in their own.
 * `importance`: what a column's squared error counts. Gains are in units of (2^b − 1)²·12, [rows, columns].
 */
export function groupGains(
  values: Float32Array,
  { columns, groupSize }: Groups,
  symmetric: boolean,
  importance?: Float32Array,
): Float32Array<ArrayBuffer> {
  const gains = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += columns)
    for (let at = 0; at < columns; at += groupSize) {
      const end = Math.min(at + groupSize, columns);
      const group = values.subarray(row + at, row + end);
      const weight = importance ? sumOf(importance, at, end) : end - at;
      const { order, squares } = outermostFirst(group, symmetric);
      sharedGains(squares, weight).forEach((gain, k) => (gains[row + at + order[k]] = gain));
    }
  return gains;
}

function sumOf(values: Float32Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i < end; i++) sum += values[i];
  return sum;
}

/** The order in which values leave, and R² of what is left before each and after the last, which is 0. */
function outermostFirst(group: Float32Array, symmetric: boolean) {
  const ascending = Array.from(group.keys()).sort((a, b) => group[a] - group[b] || a - b);
  const order = new Int32Array(group.length);
  const squares = new Float64Array(group.length + 1);
  let [low, high] = [0, group.length - 1];
  for (let k = 0; k < group.length; k++) {
    const [least, most] = [group[ascending[low]], group[ascending[high]]];
    squares[k] = rangeOf(least, most, symmetric) ** 2;
    const below = rangeOf(group[ascending[Math.min(low + 1, high)]], most, symmetric);
    const above = rangeOf(least, group[ascending[Math.max(high - 1, low)]], symmetric);
    order[k] = below < above ? ascending[low++] : ascending[high--];
  }
  return { order, squares };
}

/** Grids hold zero; symmetric ones reach as far on both sides. */
function rangeOf(least: number, most: number, symmetric: boolean): number {
  if (symmetric) return 2 * Math.max(Math.abs(least), Math.abs(most));
  return Math.max(most, 0) - Math.min(least, 0);
}

/** Gains made never to rise: runs in which they do get their mean (pool adjacent violators). */
function sharedGains(squares: Float64Array, weight: number): Float64Array {
  const count = squares.length - 1;
  const starts: number[] = [];
  const means: number[] = [];
  for (let k = 0; k < count; k++) {
    let start = k;
    let mean = squares[k] - squares[k + 1];
    while (means.length > 0 && means[means.length - 1] < mean) {
      start = starts.pop() ?? 0;
      means.pop();
      mean = (squares[start] - squares[k + 1]) / (k + 1 - start);
    }
    starts.push(start);
    means.push(mean);
  }
  const gains = new Float64Array(count);
  starts.forEach((start, i) => gains.fill(means[i] * weight, start, starts[i + 1] ?? count));
  return gains;
}
