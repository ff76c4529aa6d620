import { LatheError } from '../errors/lathe-error.ts';
import { accumulateSecondMoments } from '../kernels/syrk.ts';
import type { LayerStatistics } from './types.ts';

/** Rows that enter XᵀX together. Fixed, so that the order of additions never depends on the batches. */
const BLOCK_ROWS = 128;

/** Collects the statistics of one layer's input while its rows stream by. */
export interface Accumulator {
  /** Takes in X [rows, columns], row-major. The array is not kept. */
  add(x: Float32Array, rows: number): void;
  /** What was collected. The accumulator must not be used afterwards. */
  finish(): LayerStatistics;
}

/**
 * Statistics of X [rows, columns] over all rows added: XᵀX (when asked for), ‖X_j‖₂ and max|X_j| per
 * column, and the range. The same rows in the same order give the same bits however they are cut
 * into calls: sums of squares run in float64 row by row, XᵀX in blocks of 128 rows.
 * Throws `activations-not-finite` when a NaN or an infinity was seen, `activations-shape` when the
 * array does not hold rows × columns numbers.
 */
export function createAccumulator(
  columns: number,
  options: { readonly secondMoments: boolean },
): Accumulator {
  const moments = options.secondMoments ? createSecondMoments(columns) : undefined;
  const squares = new Float64Array(columns);
  const maxima = new Float32Array(columns);
  const range = { rows: 0, minimum: Infinity, maximum: -Infinity };
  return {
    add(x, rows) {
      if (x.length !== rows * columns) throw wrongShape(x.length, rows, columns);
      addChannels(x, columns, squares, maxima, range);
      range.rows += rows;
      moments?.add(x, rows);
    },
    finish() {
      const channelNorms = Float32Array.from(squares, Math.sqrt);
      if (!channelNorms.every(Number.isFinite)) throw notFinite(columns, channelNorms);
      return {
        rows: range.rows,
        columns,
        ...(moments && { secondMoments: moments.finish() }),
        channelNorms,
        channelMaxima: maxima,
        minimum: range.rows === 0 ? 0 : range.minimum,
        maximum: range.rows === 0 ? 0 : range.maximum,
      };
    },
  };
}

function addChannels(
  x: Float32Array,
  columns: number,
  squares: Float64Array,
  maxima: Float32Array,
  range: { minimum: number; maximum: number },
): void {
  let { minimum, maximum } = range;
  for (let start = 0; start < x.length; start += columns) {
    for (let j = 0; j < columns; j++) {
      const value = x[start + j];
      const size = Math.abs(value);
      squares[j] += value * value;
      if (size > maxima[j]) maxima[j] = size;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
  }
  range.minimum = minimum;
  range.maximum = maximum;
}

/** XᵀX over blocks of exactly {@link BLOCK_ROWS} rows, the last one shorter. */
function createSecondMoments(columns: number) {
  const h = new Float32Array(columns * columns);
  const block = new Float32Array(BLOCK_ROWS * columns);
  let filled = 0;
  function flush(rows: number): void {
    if (rows > 0) accumulateSecondMoments(h, block.subarray(0, rows * columns), rows, columns);
    filled = 0;
  }
  return {
    add(x: Float32Array, rows: number): void {
      for (let row = 0; row < rows;) {
        const take = Math.min(rows - row, BLOCK_ROWS - filled);
        block.set(x.subarray(row * columns, (row + take) * columns), filled * columns);
        filled += take;
        row += take;
        if (filled === BLOCK_ROWS) flush(BLOCK_ROWS);
      }
    },
    finish(): Float32Array {
      flush(filled);
      return h;
    },
  };
}

function wrongShape(length: number, rows: number, columns: number): LatheError {
  return new LatheError(
    'activations-shape',
    `Captured activations hold ${length} numbers, but ${rows} rows of ${columns} columns need ${rows * columns}; the captured value is not this layer's input.`,
    { length, rows, columns },
  );
}

function notFinite(columns: number, norms: Float32Array): LatheError {
  const channel = norms.findIndex((norm) => !Number.isFinite(norm));
  return new LatheError(
    'activations-not-finite',
    `The calibration data drives the input of this layer to NaN or infinity (first in channel ${channel} of ${columns}); check the data, or use a float32 model.`,
    { channel },
  );
}
