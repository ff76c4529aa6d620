import { LatheError } from '../errors/lathe-error.ts';

/** Throws `activations-shape` when an array does not hold rows × columns numbers. */
export function assertRows(x: Float32Array, rows: number, columns: number): void {
  if (x.length === rows * columns) return;
  throw new LatheError(
    'activations-shape',
    `Captured activations hold ${x.length} numbers, but ${rows} rows of ${columns} columns need ${rows * columns}; the captured value is not this layer's input.`,
    { length: x.length, rows, columns },
  );
}

/** Throws `activations-not-finite`, naming the first column whose summary is NaN or infinite. */
export function assertFinite(perColumn: ArrayLike<number>): void {
  const columns = perColumn.length;
  for (let channel = 0; channel < columns; channel++) {
    if (Number.isFinite(perColumn[channel])) continue;
    throw new LatheError(
      'activations-not-finite',
      `The calibration data drives the input of this layer to NaN or infinity (first in channel ${channel} of ${columns}); check the data, or use a float32 model.`,
      { channel },
    );
  }
}

/** Remembers per column whether a NaN or an infinity came by. */
export interface FiniteWatch {
  see(x: Float32Array): void;
  /** Throws `activations-not-finite`. */
  assert(): void;
}

/** {@link FiniteWatch} over rows of so many columns. */
export function watchFinite(columns: number): FiniteWatch {
  // 0·x is 0 for every number, and NaN for NaN and infinities: the sum keeps it.
  const poisoned = new Float64Array(columns);
  return {
    see(x) {
      for (let start = 0; start < x.length; start += columns) {
        for (let j = 0; j < columns; j++) poisoned[j] += 0 * x[start + j];
      }
    },
    assert: () => assertFinite(poisoned),
  };
}
