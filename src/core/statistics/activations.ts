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
      if (allFinite(x)) return;
      for (let start = 0; start < x.length; start += columns) {
        for (let j = 0; j < columns; j++) poisoned[j] += 0 * x[start + j];
      }
    },
    assert: () => assertFinite(poisoned),
  };
}

/** 0·x summed: NaN as soon as one value is none. Four sums, because one would wait for itself. */
function allFinite(x: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = x.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += 0 * x[i];
    b += 0 * x[i + 1];
    c += 0 * x[i + 2];
    d += 0 * x[i + 3];
  }
  for (let i = whole; i < x.length; i++) a += 0 * x[i];
  return a + b + c + d === 0;
}
