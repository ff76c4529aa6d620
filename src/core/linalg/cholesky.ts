import { LatheError } from '../errors/lathe-error.ts';
import { factorInArena } from '../kernels/cholesky-blocked.ts';
import { kernels, type Kernels } from '../kernels/load.ts';

/**
 * L with A = L·Lᵀ, lower triangular, for symmetric positive definite A [n, n] (its lower half is read).
 * Blocked: float64 on the diagonal, float32 elsewhere; ‖A − LLᵀ‖_F ≤ 4·n·2⁻²⁴·‖A‖_F.
 * Throws `not-positive-definite`.
 */
export function cholesky(a: Float32Array, n: number): Float32Array {
  const wasm = kernels();
  return wasm === undefined ? choleskyOracle(a, n) : choleskyWithKernels(wasm, a, n);
}

/** Oracle of {@link cholesky}: unblocked, float64. */
export function choleskyOracle(a: Float32Array, n: number): Float32Array {
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

/**
 * X with L·X = B (or Lᵀ·X = B with `transposed`), L lower triangular [n, n], B [n, columns], float64
 * sums. For whitening and least squares.
 */
export function solveLower(
  l: Float32Array,
  n: number,
  b: Float32Array,
  columns: number,
  transposed = false,
): Float32Array {
  const x = Float64Array.from(b);
  for (let step = 0; step < n; step++) {
    const i = transposed ? n - 1 - step : step;
    const [from, to] = transposed ? [i + 1, n] : [0, i];
    for (let k = from; k < to; k++) {
      const factor = transposed ? l[k * n + i] : l[i * n + k];
      if (factor === 0) continue;
      for (let c = 0; c < columns; c++) x[i * columns + c] -= factor * x[k * columns + c];
    }
    for (let c = 0; c < columns; c++) x[i * columns + c] /= l[i * n + i];
  }
  return Float32Array.from(x);
}

function choleskyWithKernels(wasm: Kernels, a: Float32Array, n: number): Float32Array {
  const { arena } = wasm;
  // WHY 16 more: rows a power of two apart fall into the same cache sets.
  const stride = n + 16;
  return arena.scope(() => {
    const p = arena.alloc(4 * n * stride);
    const rows = arena.floats(p, n * stride);
    for (let i = 0; i < n; i++) rows.set(a.subarray(i * n, i * n + i + 1), i * stride);
    const pivot = factorInArena(wasm, p, stride, n);
    if (pivot >= 0) throw notPositiveDefinite(n, pivot);
    const l = new Float32Array(n * n);
    const factored = arena.floats(p, n * stride);
    for (let i = 0; i < n; i++) l.set(factored.subarray(i * stride, i * stride + i + 1), i * n);
    return l;
  });
}

function notPositiveDefinite(n: number, pivot: number): LatheError {
  return new LatheError(
    'not-positive-definite',
    `A ${n}×${n} matrix has no Cholesky factor because it is not positive definite at column ${pivot}: add damping to its diagonal, or use more calibration rows.`,
    { n, pivot },
  );
}
