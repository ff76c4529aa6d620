import { secondMomentsOracle } from '../kernels/syrk.ts';
import { activations } from '../kernels/testing.ts';
import type { Svd } from './svd.ts';

/** Numbers row by row. */
type Matrix = ArrayLike<number>;

/** A·B of A [m, k] and B [k, n], for tests. */
export function product(a: Matrix, b: Matrix, m: number, k: number, n: number): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++)
      for (let j = 0; j < n; j++) c[i * n + j] += a[i * k + p] * b[p * n + j];
  return c;
}

export function transpose(a: Matrix, m: number, n: number): Float64Array {
  return Float64Array.from({ length: m * n }, (_, i) => a[(i % m) * n + Math.floor(i / m)]);
}

/** ‖a − b‖_F / ‖b‖_F */
export function distance(a: Matrix, b: Matrix): number {
  let difference = 0;
  let total = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    total += b[i] ** 2;
  }
  return Math.sqrt(difference / total);
}

export function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
}

/** XᵀX of correlated activations with 1 % damping: what GPTQ factors. */
export function positiveDefinite(n: number): Float32Array {
  const h = new Float32Array(n * n);
  secondMomentsOracle(h, activations(n + 20, n, 7), n + 20, n);
  let trace = 0;
  for (let i = 0; i < n; i++) trace += h[i * n + i];
  for (let i = 0; i < n; i++) h[i * n + i] += (0.01 * trace) / n;
  return h;
}

/** U·diag(s)·Vᵀ [m, n]. */
export function rebuild({ u, s, v }: Svd, m: number, n: number): Float64Array {
  const k = s.length;
  const scaled = u.map((value, i) => value * s[i % k]);
  return product(scaled, transpose(v, n, k), m, k, n);
}
