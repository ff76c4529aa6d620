import { assertRows, watchFinite } from '../activations.ts';
import type { TakeAccumulator } from '../take-accumulator.ts';

/** Largest magnitudes of the columns of a value. */
export interface Maxima {
  readonly rows: number;
  readonly columns: number;
  /** max_r |X_rj|, per column. */
  readonly values: Float32Array;
}

/**
 * max_r |X_rj| per column j of X [rows, columns]; 0 before any row.
 * Throws `activations-shape`, `activations-not-finite`. Source: SmoothQuant (Xiao et al. 2023), eq. 4.
 */
export function createMaxima(columns: number): TakeAccumulator<Maxima> {
  const values = new Float32Array(columns);
  const watch = watchFinite(columns);
  let seen = 0;
  return {
    add(x, rows) {
      assertRows(x, rows, columns);
      watch.see(x);
      for (let start = 0; start < x.length; start += columns) {
        for (let j = 0; j < columns; j++) {
          const size = Math.abs(x[start + j]);
          if (size > values[j]) values[j] = size;
        }
      }
      seen += rows;
    },
    finish() {
      watch.assert();
      return { rows: seen, columns, values };
    },
  };
}
