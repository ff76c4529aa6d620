import { LatheError } from '../errors/lathe-error.ts';

/**
 * L with A = L·Lᵀ, lower triangular, for symmetric positive definite A [n, n] (its lower half is read).
 * Throws `not-positive-definite` with the pivot's index.
 */
export function cholesky(a: Float32Array, n: number): Float32Array {
  const l = Float64Array.from(a);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = l[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i > j) l[i * n + j] = sum / l[j * n + j];
      else if (sum > 0) l[j * n + j] = Math.sqrt(sum);
      else throw notPositiveDefinite(n, j);
    }
    l.fill(0, j * n + j + 1, (j + 1) * n);
  }
  return Float32Array.from(l);
}

/** The error of a factorisation that met a pivot ≤ 0 (or not a number) at column `pivot`. */
export function notPositiveDefinite(n: number, pivot: number): LatheError {
  return new LatheError(
    'not-positive-definite',
    `A ${n}×${n} matrix has no Cholesky factor because it is not positive definite at column ${pivot}: add damping to its diagonal, or use more calibration rows.`,
    { n, pivot },
  );
}
