/**
 * C += α·op(A)·op(B) in plain TypeScript with float64 sums: op(A) [m, k], op(B) [k, n], C [m, n],
 * row-major; a transposed operand is stored as [k, m] or [n, k].
 */
export function gemmOracle(
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: Float32Array,
  transposeA: boolean,
  b: Float32Array,
  transposeB: boolean,
  c: Float32Array,
): void {
  const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
  const [bRow, bColumn] = transposeB ? [1, k] : [n, 1];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * aRow + p * aColumn] * b[p * bRow + j * bColumn];
      c[i * n + j] += alpha * sum;
    }
}
