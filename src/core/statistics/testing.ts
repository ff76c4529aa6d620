/** Helpers of the takes' tests: seeded rows, and the ways they may be cut into calls. */
import { normal, seededRandom } from '../random/seeded.ts';
import type { PairAccumulator, TakeAccumulator } from './take-accumulator.ts';

/** Longer than one block of every take that works in blocks. */
export const ROWS = 701;
export const COLUMNS = 13;

/** Two ways to hand over {@link ROWS} rows. */
export const WHOLE: readonly number[] = [ROWS];
export const PIECES: readonly number[] = [1, 99, 0, 27, 1, 173, 400];

export function randomRows(label: string, rows = ROWS, columns = COLUMNS): Float32Array {
  const random = seededRandom(7, `${label} ${rows}x${columns}`);
  return Float32Array.from({ length: rows * columns }, () => normal(random));
}

/** The rows of one column. */
export function column(x: Float32Array, j: number, columns = COLUMNS): number[] {
  return Array.from({ length: x.length / columns }, (_, r) => x[r * columns + j]);
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, r) => sum + value * b[r], 0);
}

/** What an accumulator makes of X when it comes in calls of so many rows. */
export function collect<R>(
  accumulator: TakeAccumulator<R>,
  x: Float32Array,
  cuts: readonly number[] = WHOLE,
  columns = COLUMNS,
): R {
  let row = 0;
  for (const rows of cuts) {
    accumulator.add(x.subarray(row * columns, (row + rows) * columns), rows);
    row += rows;
  }
  return accumulator.finish();
}

/** The same for two values in step. */
export function collectPair<R>(
  accumulator: PairAccumulator<R>,
  [x, columns]: readonly [Float32Array, number],
  [y, otherColumns]: readonly [Float32Array, number],
  cuts: readonly number[] = WHOLE,
): R {
  let row = 0;
  for (const rows of cuts) {
    const to = row + rows;
    accumulator.add(
      x.subarray(row * columns, to * columns),
      rows,
      y.subarray(row * otherColumns, to * otherColumns),
    );
    row = to;
  }
  return accumulator.finish();
}
