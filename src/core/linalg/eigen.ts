import { LatheError } from '../errors/lathe-error.ts';
import { withDoubles } from '../kernels/doubles.ts';
import { tridiagonalEigen } from './divide-conquer.ts';
import { rotateBack, rotateBackRoom, tridiagonalise, tridiagonalRoom } from './tridiagonal.ts';

export interface SymmetricEigen {
  /** [n], largest first. */
  readonly values: Float64Array;
  /** [n, n] row-major, column k belongs to values[k]; orthonormal. */
  readonly vectors: Float64Array;
}

/**
 * A = V·diag(λ)·Vᵀ for symmetric A [n, n] (its upper half is read) in float64: Householder reduction to tridiagonal form, divide and
 * conquer, and back. ‖A − VΛVᵀ‖ ≤ c·n·2⁻⁵³·‖A‖, ‖VᵀV − I‖ ≤ c·n·2⁻⁵³, also for repeated eigenvalues; memory 4n² float64.
 * Same A, same bits, on any number of threads. Source: Golub & Van Loan §8.3–8.4. Throws `matrix-not-finite`.
 */
export function symmetricEigen(a: ArrayLike<number>, n: number): SymmetricEigen {
  const scale = largestOf(a, n);
  if (scale === 0) return zeroEigen(n);
  const room = Math.max(2 * n * n, tridiagonalRoom(n), rotateBackRoom(n));
  return withDoubles(2 * n * n + room, (doubles) => {
    const { heap } = doubles;
    const [at, z, work] = [0, n * n, 2 * n * n];
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) heap[i * n + j] = a[i * n + j] / scale;
    const { diagonal, off, tau } = tridiagonalise(doubles, n, at, work);
    tridiagonalEigen(doubles, { n, values: diagonal, z, room: work }, off);
    rotateBack(doubles, n, { a: at, z, room: work }, { tau });
    return sorted(heap.subarray(z, z + n * n), diagonal, scale);
  });
}

/** Largest |a_ij| of the upper half: dividing by it keeps squares from overflowing. */
function largestOf(a: ArrayLike<number>, n: number): number {
  let largest = 0;
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++) {
      const size = Math.abs(a[i * n + j]);
      if (!Number.isFinite(size)) throw notFinite(n, i, j);
      if (size > largest) largest = size;
    }
  return largest;
}

function notFinite(n: number, row: number, column: number): LatheError {
  return new LatheError(
    'matrix-not-finite',
    `A ${n}×${n} matrix has no eigenvalues because it holds NaN or infinity, first in row ${row}, column ${column}: look for broken weights or calibration data.`,
    { n, row, column },
  );
}

function zeroEigen(n: number): SymmetricEigen {
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  return { values: new Float64Array(n), vectors };
}

/** Rows of `found` as columns, largest value first. */
function sorted(found: Float64Array, values: Float64Array, scale: number): SymmetricEigen {
  const n = values.length;
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => values[j] - values[i] || i - j,
  );
  const vectors = new Float64Array(n * n);
  for (let k = 0; k < n; k++)
    for (let i = 0; i < n; i++) vectors[i * n + k] = found[order[k] * n + i];
  return { values: Float64Array.from(order, (i) => values[i] * scale), vectors };
}
