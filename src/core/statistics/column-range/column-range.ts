import { assertRows, watchFinite } from '../activations.ts';
import type { TakeAccumulator } from '../take-accumulator.ts';

/** Least and largest number of each column of a value. */
export interface ColumnRange {
  readonly rows: number;
  readonly columns: number;
  /** min_r X_rj, per column; 0 before any row. */
  readonly minima: Float32Array;
  /** max_r X_rj, per column; 0 before any row. */
  readonly maxima: Float32Array;
}

/**
 * min_r X_rj and max_r X_rj per column j of X [rows, columns] (what a static scale per channel must cover).
 * Throws `activations-shape`, `activations-not-finite`. Source: KIVI (Liu et al. 2024), §3.2.
 */
export function createColumnRange(columns: number): TakeAccumulator<ColumnRange> {
  const minima = new Float32Array(columns).fill(Infinity);
  const maxima = new Float32Array(columns).fill(-Infinity);
  const watch = watchFinite(columns);
  let seen = 0;
  return {
    add(x, rows) {
      assertRows(x, rows, columns);
      watch.see(x);
      x.forEach((value, i) => {
        const j = i % columns;
        if (value < minima[j]) minima[j] = value;
        if (value > maxima[j]) maxima[j] = value;
      });
      seen += rows;
    },
    finish() {
      watch.assert();
      const known = (value: number): number => (seen === 0 ? 0 : value);
      return { rows: seen, columns, minima: minima.map(known), maxima: maxima.map(known) };
    },
  };
}
