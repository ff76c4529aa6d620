import { addToUpperMoments, mirrorUpper } from '../../kernels/syrk.ts';
import { assertRows, watchFinite } from '../activations.ts';
import { rowBlocks } from '../row-blocks.ts';
import type { TakeAccumulator } from '../take-accumulator.ts';

/** Rows that enter XᵀX together. */
const BLOCK_ROWS = 128;

/** Second moments of the rows of a value. */
export interface Moments {
  readonly rows: number;
  readonly columns: number;
  /** XᵀX, row-major [columns, columns], exactly symmetric. Sums, not means. */
  readonly values: Float32Array;
}

/**
 * H = XᵀX = Σ_r x_rᵀx_r over all rows x_r of X [rows, columns], in blocks of 128 rows by the kernel of
 * {@link addToUpperMoments}. Costs rows·columns² multiplications and 4·columns² bytes.
 * Throws `activations-shape`, `activations-not-finite`.
 */
export function createMoments(columns: number): TakeAccumulator<Moments> {
  const values = new Float32Array(columns * columns);
  const watch = watchFinite(columns);
  const blocks = rowBlocks([columns], BLOCK_ROWS, ([x], rows) =>
    addToUpperMoments(values, x, rows, columns),
  );
  let seen = 0;
  return {
    add(x, rows) {
      assertRows(x, rows, columns);
      watch.see(x);
      blocks.add([x], rows);
      seen += rows;
    },
    finish() {
      watch.assert();
      blocks.flush();
      mirrorUpper(values, columns);
      return { rows: seen, columns, values };
    },
  };
}
