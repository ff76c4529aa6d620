import { transpose } from '../tensor/matrix.ts';
import { symmetricEigen } from './eigen.ts';
import { gram, leadingColumns, multiply } from './multiply.ts';

/** A ≈ U·diag(s)·Vᵀ. */
export interface Svd {
  /** [rows, rank], orthonormal columns. */
  readonly u: Float64Array;
  /** [rank], largest first. */
  readonly s: Float64Array;
  /** [columns, rank], orthonormal columns. */
  readonly v: Float64Array;
}

/** Singular values below this share of the largest lose digits in AᵀA, and are found again among themselves. */
const RESOLVED = 2 ** -12;

/** Rounds of finding small singular values again: four reach 2⁻⁴⁸ of the largest. */
const MOST_ROUNDS = 4;

/**
 * Thin SVD of A [rows, columns] of any shape, rank = min(rows, columns), in float64: V are the eigenvectors of AᵀA (of AAᵀ where
 * that is smaller), U·diag(s) = AV; what squaring blurs, singular values below 2⁻¹² of the largest, is done again within its own
 * space. ‖A − USVᵀ‖ ≤ c·2⁻⁴¹·‖A‖ (2⁻⁵³ while no value is below 2⁻¹²),
 * ‖UᵀU − I‖ < 1e-7 over values above 2⁻⁴⁸. Directions of singular values that are zero to working precision are zero
 * columns of U (of V for wide A). Throws `matrix-not-finite`.
 */
export function svd(a: ArrayLike<number>, rows: number, columns: number): Svd {
  if (rows < columns) {
    const { u, s, v } = svd(transpose(Float64Array.from(a), rows, columns), columns, rows);
    return { u: v, s, v: u };
  }
  const found = tallSvd(a, rows, columns, MOST_ROUNDS);
  return { ...found, u: withoutZeros(found, rows) };
}

/** As {@link svd}, U's columns not yet divided by their lengths s. */
function tallSvd(a: ArrayLike<number>, rows: number, columns: number, rounds: number): Svd {
  const { vectors } = symmetricEigen(gram(a, rows, columns), columns);
  const found = byLength(multiply(rows, columns, columns, a, vectors), vectors, rows, columns);
  const { s } = found;
  const small = s.findIndex((value) => value < RESOLVED * s[0]);
  return small <= 0 || rounds === 1 ? found : refined(found, small, rows, rounds);
}

/** Singular triplets from `small` on, again: AV is of their size there, and nothing of the larger ones is in it. */
function refined({ u, s, v }: Svd, small: number, rows: number, rounds: number): Svd {
  const n = s.length;
  const rest = n - small;
  const below = withoutLarger(columnsFrom(u, rows, n, small), u, s.subarray(0, small), rows);
  const again = tallSvd(below, rows, rest, rounds - 1);
  const turned = multiply(n, rest, rest, columnsFrom(v, n, n, small), again.v);
  const put = (target: Float64Array, columns: Float64Array): void => {
    for (let i = 0; i < columns.length / rest; i++)
      target.set(columns.subarray(i * rest, (i + 1) * rest), i * n + small);
  };
  put(u, again.u);
  put(v, turned);
  s.set(again.s, small);
  return { u, s, v };
}

/** B − U·Uᵀ·B with U the columns of the larger singular values: what rounding left of them in B. */
function withoutLarger(
  b: Float64Array,
  u: Float64Array,
  larger: Float64Array,
  rows: number,
): Float64Array {
  const [k, rest] = [larger.length, b.length / rows];
  const unit = leadingColumns(u, rows, u.length / rows, k).map((value, i) => value / larger[i % k]);
  const along = multiply(k, rest, rows, unit, b, { transposeA: true });
  const removed = multiply(rows, rest, k, unit, along);
  return b.map((value, i) => value - removed[i]);
}

/** Columns ordered by the length of those of `u`, which are the singular values. */
function byLength(u: Float64Array, v: Float64Array, rows: number, n: number): Svd {
  const squares = new Float64Array(n);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < n; k++) squares[k] += u[i * n + k] * u[i * n + k];
  const order = Array.from({ length: n }, (_, k) => k).sort(
    (i, j) => squares[j] - squares[i] || i - j,
  );
  const s = Float64Array.from(order, (k) => Math.sqrt(squares[k]));
  return { u: picked(u, rows, order), s, v: picked(v, n, order) };
}

function picked(a: Float64Array, rows: number, order: readonly number[]): Float64Array {
  const n = order.length;
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) for (let k = 0; k < n; k++) out[i * n + k] = a[i * n + order[k]];
  return out;
}

function columnsFrom(a: Float64Array, rows: number, columns: number, first: number): Float64Array {
  const width = columns - first;
  const out = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++)
    out.set(a.subarray(i * columns + first, (i + 1) * columns), i * width);
  return out;
}

/** Columns of length 1; those of singular values that are rounding are zero. */
function withoutZeros({ u, s }: Svd, rows: number): Float64Array {
  const n = s.length;
  const scale = s.map((value) => (value > rows * 2 ** -53 * s[0] ? 1 / value : 0));
  for (let i = 0; i < rows; i++) for (let k = 0; k < n; k++) u[i * n + k] *= scale[k];
  return u;
}
