import { LatheError } from '../../errors/lathe-error.ts';
import { assertRows, watchFinite } from '../activations.ts';
import type { PairAccumulator } from '../take-accumulator.ts';

/** How alike the rows of two values point. */
export interface CosineWith {
  /** Rows that have a direction in both values. */
  readonly rows: number;
  readonly columns: number;
  /** Mean of cos(x_r, y_r) over these rows; 1 when there are none. Block influence is 1 − mean. */
  readonly mean: number;
}

/**
 * (1/n)·Σ_r ⟨x_r, y_r⟩ / (‖x_r‖·‖y_r‖) over the rows of X and Y [rows, columns], in float64, row by
 * row. A row that is zero in either value has no direction and is left out. Between a block's input
 * and output, 1 minus this is the block's influence (ShortGPT, Men et al. 2024).
 * Throws `look-rows` for other columns, `activations-shape`, `activations-not-finite`.
 */
export function createCosineWith(
  columns: number,
  otherColumns: number,
): PairAccumulator<CosineWith> {
  if (columns !== otherColumns) throw differentWidths(columns, otherColumns);
  const watches = [watchFinite(columns), watchFinite(columns)];
  let [sum, seen] = [0, 0];
  return {
    add(x, rows, y) {
      for (const [at, value] of [x, y].entries()) {
        assertRows(value, rows, columns);
        watches[at].see(value);
      }
      for (let start = 0; start < x.length; start += columns) {
        const cosine = cosineAt(x, y, start, start + columns);
        if (cosine === undefined) continue;
        sum += cosine;
        seen++;
      }
    },
    finish() {
      for (const watch of watches) watch.assert();
      return { rows: seen, columns, mean: seen === 0 ? 1 : sum / seen };
    },
  };
}

function cosineAt(
  x: Float32Array,
  y: Float32Array,
  start: number,
  end: number,
): number | undefined {
  let [dot, xx, yy] = [0, 0, 0];
  for (let i = start; i < end; i++) {
    dot += x[i] * y[i];
    xx += x[i] * x[i];
    yy += y[i] * y[i];
  }
  return xx === 0 || yy === 0 ? undefined : dot / Math.sqrt(xx) / Math.sqrt(yy);
}

function differentWidths(columns: number, otherColumns: number): LatheError {
  return new LatheError(
    'look-rows',
    `Rows of ${columns} and of ${otherColumns} columns have no angle between them; look at two values of the same width.`,
    { columns, otherColumns },
  );
}
