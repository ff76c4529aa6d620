import { addToUpperMoments, mirrorUpper } from '../../kernels/syrk.ts';
import { assertRows, watchFinite } from '../activations.ts';
import { rowBlocks } from '../row-blocks.ts';
import type { TakeAccumulator } from '../take-accumulator.ts';

/** Rows whose products are summed before they enter XᵀX. */
const RUN = 128;

/** Rows that the kernel gets at once, a multiple of {@link RUN}, and values of them at most. */
const [BLOCK_ROWS, BLOCK_VALUES] = [1024, 1 << 20];

/** Second moments of the rows of a value. */
export interface Moments {
  readonly rows: number;
  readonly columns: number;
  /** XᵀX, row-major [columns, columns], exactly symmetric. Sums, not means. */
  readonly values: Float32Array;
}

/**
 * H = XᵀX = Σ_r x_rᵀx_r over all rows x_r of X [rows, columns], in runs of 128 rows by the kernel of
 * {@link addToUpperMoments}. Costs rows·columns² multiplications and 4·columns² bytes.
 * Throws `activations-shape`, `activations-not-finite`.
 */
export function createMoments(columns: number): TakeAccumulator<Moments> {
  const values = new Float32Array(columns * columns);
  const watch = watchFinite(columns);
  const runs = Math.floor(Math.min(BLOCK_ROWS, BLOCK_VALUES / columns) / RUN);
  const blocks = rowBlocks([columns], RUN * Math.max(1, runs), ([x], rows) =>
    addToUpperMoments(values, x, rows, columns, RUN),
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
