export interface ThinQr {
  /** [rows, columns], orthonormal columns. */
  readonly q: Float64Array;
  /** [columns, columns], upper triangular, diagonal ≥ 0. */
  readonly r: Float64Array;
}

/**
 * Thin Householder QR, A = Q·R, A [rows, columns] row-major with rows ≥ columns, float64.
 * ‖QᵀQ − I‖ and ‖A − QR‖/‖A‖ are of the order columns·2⁻⁵³, also when A is rank deficient.
 * Source: Golub & Van Loan, Matrix Computations, §5.2.
 */
export function qr(a: ArrayLike<number>, rows: number, columns: number): ThinQr {
  // Columns are kept contiguous: every inner loop below runs along one.
  const work = Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: rows }, (_unused, i) => a[i * columns + j]),
  );
  const r = new Float64Array(columns * columns);
  const reflectors: Float64Array[] = [];
  for (let j = 0; j < columns; j++) {
    const v = reflector(work[j], j);
    reflectors.push(v);
    for (let k = j; k < columns; k++) reflect(work[k], v, j);
    for (let i = 0; i <= j; i++) r[i * columns + j] = work[j][i];
  }
  return { q: formQ(reflectors, rows, columns, r), r };
}

/** Unit v with (I − 2vvᵀ)x = ∓‖x‖e_j on entries j…; zero when there is nothing to reflect. */
function reflector(x: Float64Array, j: number): Float64Array {
  const v = x.slice();
  v.fill(0, 0, j);
  const norm = normOf(v);
  if (norm === 0) return v;
  v[j] += v[j] < 0 ? -norm : norm;
  const length = normOf(v);
  return v.map((value) => value / length);
}

function normOf(v: Float64Array): number {
  let sum = 0;
  for (const value of v) sum += value * value;
  return Math.sqrt(sum);
}

function reflect(x: Float64Array, v: Float64Array, from: number): void {
  let dot = 0;
  for (let i = from; i < x.length; i++) dot += v[i] * x[i];
  for (let i = from; i < x.length; i++) x[i] -= 2 * dot * v[i];
}

/** Q = H₀·H₁·…·[I; 0], with signs turned so that diag(R) ≥ 0 (R's rows are turned in place). */
function formQ(
  reflectors: readonly Float64Array[],
  rows: number,
  columns: number,
  r: Float64Array,
): Float64Array {
  const q = new Float64Array(rows * columns);
  for (let j = 0; j < columns; j++) {
    const column = new Float64Array(rows);
    column[j] = 1;
    for (let k = columns - 1; k >= 0; k--) reflect(column, reflectors[k], k);
    const sign = r[j * columns + j] < 0 ? -1 : 1;
    for (let i = 0; i < rows; i++) q[i * columns + j] = sign * column[i];
    for (let k = j; k < columns; k++) r[j * columns + k] *= sign;
  }
  return q;
}
