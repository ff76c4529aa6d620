import { gemmOracle } from './gemm-oracle.ts';

export interface GemmOptions {
  /** A is stored as [k, m]. */
  readonly transposeA?: boolean;
  /** B is stored as [n, k]. */
  readonly transposeB?: boolean;
  /** C += α·A·B into this array instead of a fresh one. */
  readonly accumulate?: Float32Array;
  readonly alpha?: number;
}

/**
 * C = α·op(A)·op(B) (+ C with `accumulate`), float32, row-major: op(A) [m, k], op(B) [k, n], C [m, n].
 * Error per entry is that of float32 sums over k in runs of 256: |ΔC| ≤ (256 + k/256)·2⁻²⁴·|A||B|.
 */
export function gemm(
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  b: Float32Array,
  options: GemmOptions = {},
): Float32Array {
  const { transposeA = false, transposeB = false, alpha = 1 } = options;
  const c = options.accumulate ?? new Float32Array(m * n);
  gemmOracle(m, n, k, alpha, a, transposeA, b, transposeB, c);
  return c;
}
