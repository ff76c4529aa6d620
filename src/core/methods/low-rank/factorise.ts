import { gemm } from '../../kernels/gemm.ts';
import { symmetricEigen } from '../../linalg/eigen.ts';
import { gram, multiply } from '../../linalg/multiply.ts';
import { svd } from '../../linalg/svd.ts';

/**
 * Directions that matter, most first: an orthonormal basis of the outputs (`left`, [rows, count]) or of the inputs (`right`,
 * [columns, count]) of W, and how much of the squared error is saved by keeping each.
 */
export interface Basis {
  readonly side: 'left' | 'right';
  readonly vectors: Float64Array;
  readonly count: number;
  /** Squared singular values of the weighted matrix, largest first. */
  readonly squares: Float64Array;
}

/** Ŵ = L·R, L [rows, rank], R [rank, columns]. */
export interface Factors {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

/** Left singular vectors of M [rows, columns], which W is to be projected on: Ŵ = U_r·U_rᵀ·W. */
export function leftBasis(m: ArrayLike<number>, rows: number, columns: number): Basis {
  if (rows <= columns) return basisOf('left', gram(m, rows, columns, { ofRows: true }), rows);
  const { u, s } = svd(m, rows, columns);
  return { side: 'left', vectors: u, count: columns, squares: s.map((value) => value * value) };
}

/** Right singular vectors of M [rows, columns], which W is to be projected on: Ŵ = W·V_r·V_rᵀ. */
export function rightBasis(m: ArrayLike<number>, rows: number, columns: number): Basis {
  if (columns <= rows) return basisOf('right', gram(m, rows, columns), columns);
  const { s, v } = svd(m, rows, columns);
  return { side: 'right', vectors: v, count: rows, squares: s.map((value) => value * value) };
}

/** Singular vectors of M as the eigenvectors of MMᵀ or MᵀM [n, n]. */
export function basisOf(side: Basis['side'], moments: ArrayLike<number>, n: number): Basis {
  const { values, vectors } = symmetricEigen(moments, n);
  return { side, vectors, count: n, squares: values.map((value) => Math.max(0, value)) };
}

/**
 * U of the SVD of W·S with S·Sᵀ = H: the projection on its first r columns is the rank-r matrix of least ‖(W − Ŵ)Xᵀ‖, H = XᵀX
 * [columns, columns]. WHY no Cholesky factor and no inverse: (W·S)_r·S⁻¹ = U_r·U_rᵀ·W·S·S⁻¹ = U_r·U_rᵀ·W for any S, so
 * W·H·Wᵀ = U·Σ²·Uᵀ is enough, and a singular H is as good as any. Where W has more rows than columns, S is H^½.
 */
export function whitenedBasis(
  w: Float32Array,
  h: ArrayLike<number>,
  rows: number,
  columns: number,
): Basis {
  if (rows > columns) return leftBasis(timesRoot(w, h, rows, columns), rows, columns);
  const wh = multiply(rows, columns, columns, w, h);
  return basisOf('left', multiply(rows, rows, columns, wh, w, { transposeB: true }), rows);
}

/** W·H^½ by the eigenvalues of H; those that rounding made negative count as zero. */
function timesRoot(
  w: Float32Array,
  h: ArrayLike<number>,
  rows: number,
  columns: number,
): Float64Array {
  const { values, vectors } = symmetricEigen(h, columns);
  const turned = multiply(rows, columns, columns, w, vectors);
  const roots = values.map((value) => Math.sqrt(Math.max(0, value)));
  return turned.map((value, i) => value * roots[i % columns]);
}

/** The projection of W [rows, columns] on the first `rank` directions, as two factors of equally long columns and rows. */
export function factorise(
  w: Float32Array,
  rows: number,
  columns: number,
  basis: Basis,
  rank: number,
): Factors {
  const kept = firstVectors(basis, basis.side === 'left' ? rows : columns, rank);
  const factors =
    basis.side === 'left'
      ? { left: kept, right: gemm(rank, columns, rows, kept, w, { transposeA: true }) }
      : {
          left: gemm(rows, rank, columns, w, kept),
          right: transposed(kept, columns, rank),
        };
  return balanced(factors, rows, columns, rank);
}

function firstVectors({ vectors, count }: Basis, n: number, rank: number): Float32Array {
  const out = new Float32Array(n * rank);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < Math.min(rank, count); k++) out[i * rank + k] = vectors[i * count + k];
  return out;
}

function transposed(a: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(a.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j];
  return out;
}

/** Column k of L and row k of R of equal length: half precision then has room on both sides. */
function balanced({ left, right }: Factors, rows: number, columns: number, rank: number): Factors {
  for (let k = 0; k < rank; k++) {
    let [l, r] = [0, 0];
    for (let i = 0; i < rows; i++) l += left[i * rank + k] ** 2;
    for (let j = 0; j < columns; j++) r += right[k * columns + j] ** 2;
    if (l === 0 || r === 0) continue;
    const scale = Math.sqrt(Math.sqrt(r / l));
    for (let i = 0; i < rows; i++) left[i * rank + k] *= scale;
    for (let j = 0; j < columns; j++) right[k * columns + j] /= scale;
  }
  return { left, right };
}
