import { assertFinite, assertRows } from '../activations.ts';
import type { TakeAccumulator } from '../take-accumulator.ts';

/** Means and fluctuations of the columns of a value. */
export interface Means {
  readonly rows: number;
  readonly columns: number;
  /** (1/n)·Σ_r X_rj, per column. */
  readonly values: Float32Array;
  /** (1/n)·Σ_r (X_rj − mean_j)², per column. */
  readonly variances: Float32Array;
  /** (1/n)·Σ_r |X_rj|, per column: the activation scale of ASVD and AWQ. */
  readonly magnitudes: Float32Array;
}

/**
 * Mean, variance (of the population) and mean magnitude per column j of X [rows, columns], by Welford's recurrence
 * m ← m + (x − m)/n, s ← s + (x − m_before)(x − m) in float64: a small variance beside a large mean
 * keeps its digits, which ‖X_j‖²/n − mean² would lose. Zeros before any row.
 * Throws `activations-shape`, `activations-not-finite`. Source: FLAP (An et al. 2024).
 */
export function createMean(columns: number): TakeAccumulator<Means> {
  const means = new Float64Array(columns);
  const spreads = new Float64Array(columns);
  const sizes = new Float64Array(columns);
  let seen = 0;
  return {
    add(x, rows) {
      assertRows(x, rows, columns);
      for (let start = 0; start < x.length; start += columns) {
        seen++;
        for (let j = 0; j < columns; j++) {
          const away = x[start + j] - means[j];
          means[j] += away / seen;
          spreads[j] += away * (x[start + j] - means[j]);
          sizes[j] += Math.abs(x[start + j]);
        }
      }
    },
    finish() {
      assertFinite(means);
      const average = (sum: number): number => sum / Math.max(1, seen);
      const variances = Float32Array.from(spreads, average);
      const magnitudes = Float32Array.from(sizes, average);
      return { rows: seen, columns, values: Float32Array.from(means), variances, magnitudes };
    },
  };
}
