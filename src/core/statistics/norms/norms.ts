import { assertFinite, assertRows } from '../activations.ts';
import type { TakeAccumulator } from '../take-accumulator.ts';

/** Norms of the columns of a value. */
export interface Norms {
  readonly rows: number;
  readonly columns: number;
  /** ‖X_j‖₂ over all rows, per column. */
  readonly values: Float32Array;
}

/**
 * ‖X_j‖₂ = √(Σ_r X_rj²) per column j of X [rows, columns]; the sums run in float64, row by row.
 * Throws `activations-shape`, `activations-not-finite`. Source: Wanda (Sun et al. 2023), eq. 1.
 */
export function createNorms(columns: number): TakeAccumulator<Norms> {
  const squares = new Float64Array(columns);
  let seen = 0;
  return {
    add(x, rows) {
      assertRows(x, rows, columns);
      for (let start = 0; start < x.length; start += columns) {
        for (let j = 0; j < columns; j++) {
          const value = x[start + j];
          squares[j] += value * value;
        }
      }
      seen += rows;
    },
    finish() {
      const values = Float32Array.from(squares, Math.sqrt);
      assertFinite(values);
      return { rows: seen, columns, values };
    },
  };
}
