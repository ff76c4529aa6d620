import { gemm } from '../../kernels/gemm.ts';
import { cholesky, solveLower } from '../../linalg/cholesky.ts';
import type { Moments } from '../../statistics/moments/moments.ts';
import { transpose } from '../../tensor/matrix.ts';

/** W̄ = (1/k)·Σ Wᵢ, in float64, rounded once: equal weights give themselves. */
export function averageOf(weights: readonly Float32Array[]): Float32Array {
  const sums = new Float64Array(weights[0].length);
  for (const weight of weights) for (let i = 0; i < sums.length; i++) sums[i] += weight[i];
  return Float32Array.from(sums, (sum) => sum / weights.length);
}

/** Share of the mean diagonal that is added to ΣG, so that inputs that were never seen decide nothing. */
const DAMPING = 0.01;

/**
 * The one weight W [rows, columns] that stands for W₁ … W_k with the least error on what each of them is fed with,
 * min Σᵢ ‖(W − Wᵢ)·Xᵢᵀ‖² + λ‖W − W̄‖², so W = W̄ + (Σᵢ (Wᵢ − W̄)·Gᵢ)·(Σᵢ Gᵢ + λI)⁻¹ with Gᵢ = XᵢᵀXᵢ [columns, columns]
 * and λ = 0.01 · mean diag(ΣG). Equal weights give themselves; without any data it is the average.
 */
export function leastSquaresOf(
  weights: readonly Float32Array[],
  grams: readonly Moments[],
  rows: number,
  columns: number,
): Float32Array {
  const mean = averageOf(weights);
  const total = new Float32Array(columns * columns);
  const pull = new Float32Array(rows * columns);
  weights.forEach((weight, at) => {
    const { values } = grams[at];
    for (let i = 0; i < total.length; i++) total[i] += values[i];
    const apart = weight.map((value, i) => value - mean[i]);
    gemm(rows, columns, columns, apart, values, { accumulate: pull });
  });
  let trace = 0;
  for (let i = 0; i < columns; i++) trace += total[i * columns + i];
  if (trace === 0) return mean;
  for (let i = 0; i < columns; i++) total[i * columns + i] += (DAMPING * trace) / columns;
  const l = cholesky(total, columns);
  const right = transpose(pull, rows, columns);
  const solved = solveLower(l, columns, solveLower(l, columns, right, rows), rows, true);
  const step = transpose(solved, columns, rows);
  return mean.map((value, i) => value + step[i]);
}
