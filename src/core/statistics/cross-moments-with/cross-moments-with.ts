import { gemm } from '../../kernels/gemm.ts';
import { addToUpperMoments, mirrorUpper } from '../../kernels/syrk.ts';
import { assertRows, watchFinite } from '../activations.ts';
import { rowBlocks } from '../row-blocks.ts';
import type { PairAccumulator } from '../take-accumulator.ts';

/** Rows that enter YᵀX together: more than for XᵀX, because all of YᵀX goes to the kernel each time. */
const BLOCK_ROWS = 512;

/** Moments between the rows of two values. */
export interface CrossMoments {
  readonly rows: number;
  readonly columns: number;
  readonly otherColumns: number;
  /** YᵀX, row-major [otherColumns, columns]. Sums, not means. */
  readonly values: Float32Array;
  /** YᵀY, row-major [otherColumns, otherColumns], exactly symmetric. Sums, not means. */
  readonly others: Float32Array;
}

/**
 * C = YᵀX = Σ_r y_rᵀx_r with X [rows, columns] this value's rows and Y [rows, otherColumns] the
 * other's, in blocks of 512 rows. With the float path as the other and X̃ what the compressed part
 * feeds a layer, C = XᵀX̃: G of Qronos (Zhang et al. 2025), whose H is the plain moments X̃ᵀX̃. YᵀY comes with it: what
 * the other gives is known then, and how far this one is from it.
 * Throws `activations-shape`, `activations-not-finite`.
 */
export function createCrossMomentsWith(
  columns: number,
  otherColumns: number,
): PairAccumulator<CrossMoments> {
  const values = new Float32Array(otherColumns * columns);
  const others = new Float32Array(otherColumns * otherColumns);
  const [watch, otherWatch] = [watchFinite(columns), watchFinite(otherColumns)];
  const blocks = rowBlocks([columns, otherColumns], BLOCK_ROWS, ([x, y], rows) => {
    gemm(otherColumns, columns, rows, y, x, { transposeA: true, accumulate: values });
    addToUpperMoments(others, y, rows, otherColumns);
  });
  let seen = 0;
  return {
    add(x, rows, y) {
      assertRows(x, rows, columns);
      assertRows(y, rows, otherColumns);
      watch.see(x);
      otherWatch.see(y);
      blocks.add([x, y], rows);
      seen += rows;
    },
    finish() {
      watch.assert();
      otherWatch.assert();
      blocks.flush();
      mirrorUpper(others, otherColumns);
      return { rows: seen, columns, otherColumns, values, others };
    },
  };
}
