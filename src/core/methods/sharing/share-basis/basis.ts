import { gemm } from '../../../kernels/gemm.ts';
import { cholesky, solveLower } from '../../../linalg/cholesky.ts';
import { symmetricEigen } from '../../../linalg/eigen.ts';
import { transpose } from '../../../tensor/matrix.ts';

/** Of each weight Lᵢ [rows, rank], and R [rank, columns] of all: Wᵢ ≈ Lᵢ·R. */
export interface Basis {
  readonly lefts: readonly Float32Array[];
  readonly right: Float32Array;
}

/** Share of the mean diagonal added to G: directions that calibration never took still have to be of some length. */
const DAMPING = 1e-4;

/**
 * One basis for W₁ … W_k [rows, columns] that are fed with rows of second moments G = Σ Gᵢ [columns, columns]. With
 * G = S·Sᵀ and W the stacked weights, min_R Σᵢ tr((Wᵢ − LᵢR)·G·(Wᵢ − LᵢR)ᵀ) is the truncated SVD of W·S = U·Σ·Vᵀ:
 * Lᵢ = Wᵢ·S·V_r and R = V_rᵀ·S⁻¹, V_r from the eigenvectors of (WS)ᵀWS.
 * @see Wang et al. 2024, arXiv:2410.03765, §3
 */
export function sharedBasis(
  weights: readonly Float32Array[],
  gram: Float32Array,
  rows: number,
  columns: number,
  rank: number,
): Basis {
  const s = cholesky(damped(gram, columns), columns);
  const scaled = weights.map((weight) => gemm(rows, columns, columns, weight, s));
  const moments = new Float32Array(columns * columns);
  for (const ws of scaled) {
    gemm(columns, columns, rows, ws, ws, { transposeA: true, accumulate: moments });
  }
  const { vectors } = symmetricEigen(moments, columns);
  const v = new Float32Array(columns * rank);
  for (let c = 0; c < columns; c++) {
    for (let k = 0; k < rank; k++) v[c * rank + k] = vectors[c * columns + k];
  }
  // V_rᵀ·S⁻¹ = (S⁻ᵀ·V_r)ᵀ.
  const right = transpose(solveLower(s, columns, v, rank, true), columns, rank);
  return { lefts: scaled.map((ws) => gemm(rows, rank, columns, ws, v)), right };
}

function damped(gram: Float32Array, columns: number): Float32Array {
  let trace = 0;
  for (let i = 0; i < columns; i++) trace += gram[i * columns + i];
  const add = trace === 0 ? 1 : (DAMPING * trace) / columns;
  const out = gram.slice();
  for (let i = 0; i < columns; i++) out[i * columns + i] += add;
  return out;
}
