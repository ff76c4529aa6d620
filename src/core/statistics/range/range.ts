import { assertRows, watchFinite } from '../activations.ts';
import type { TakeAccumulator } from '../take-accumulator.ts';

/** Least and largest number of a value. */
export interface ValueRange {
  readonly rows: number;
  readonly columns: number;
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * min and max over all numbers of X [rows, columns] (what a static activation scale must cover); both
 * 0 before any row. Throws `activations-shape`, `activations-not-finite`.
 */
export function createRange(columns: number): TakeAccumulator<ValueRange> {
  const watch = watchFinite(columns);
  let [minimum, maximum, seen] = [Infinity, -Infinity, 0];
  return {
    add(x, rows) {
      assertRows(x, rows, columns);
      watch.see(x);
      for (const value of x) {
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
      }
      seen += rows;
    },
    finish() {
      watch.assert();
      const empty = minimum > maximum;
      return {
        rows: seen,
        columns,
        minimum: empty ? 0 : minimum,
        maximum: empty ? 0 : maximum,
      };
    },
  };
}
