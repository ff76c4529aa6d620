/** Share of the mean diagonal that is added, so that directions nobody looks along are shared evenly. */
const DAMPING = 1e-3;

/**
 * M_h = (Σ_s A_s)⁻¹·A_h for each set of `times` neighbouring symmetric positive semidefinite A [n, n], row-major; Σ_h M_h = I,
 * so equal heads stay what they were. Gauss-Jordan in float64.
 */
export function shares(a: readonly Float64Array[], times: number): readonly Float64Array[] {
  return a.map((own, h) => {
    const first = h - (h % times);
    const set = a.slice(first, first + times);
    const n = Math.sqrt(own.length);
    const total = sum(set);
    const trace = Array.from({ length: n }, (_, i) => total[i * n + i]).reduce((x, y) => x + y, 0);
    const added = (DAMPING * trace) / n || 1;
    const damped = (matrix: Float64Array, by: number) =>
      matrix.map((value, i) => (i % (n + 1) === 0 ? value + by : value));
    return solved(damped(total, added), damped(own, added / times), n);
  });
}

function sum(matrices: readonly Float64Array[]): Float64Array {
  return matrices[0].map((_, i) => matrices.reduce((total, matrix) => total + matrix[i], 0));
}

/** S⁻¹·B for symmetric positive definite S; both are used up. */
function solved(s: Float64Array, b: Float64Array, n: number): Float64Array {
  for (let pivot = 0; pivot < n; pivot++) {
    const scale = 1 / s[pivot * n + pivot];
    for (let j = 0; j < n; j++) {
      s[pivot * n + j] *= scale;
      b[pivot * n + j] *= scale;
    }
    for (let i = 0; i < n; i++) {
      const factor = s[i * n + pivot];
      if (i === pivot || factor === 0) continue;
      for (let j = 0; j < n; j++) {
        s[i * n + j] -= factor * s[pivot * n + j];
        b[i * n + j] -= factor * b[pivot * n + j];
      }
    }
  }
  return b;
}
