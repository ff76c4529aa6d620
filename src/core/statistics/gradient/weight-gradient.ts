import { gemm } from '../../kernels/gemm.ts';
import { assertFinite, assertRows } from '../activations.ts';
import type { GradientAccumulator } from './gradient.ts';

/**
 * Empirical Fisher information of a layer's weight W [outFeatures, inFeatures], summed over its rows and its columns. The
 * loss is that of the data's labels, mean over the scores of one window or example; sums run over the windows w.
 */
export interface WeightGradientSums {
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** Windows or examples. */
  readonly count: number;
  /** Σ_w Σ_j (∂L_w/∂W_ij)², [outFeatures]: the row importance of FWSVD (Hsu et al. 2022). */
  readonly rows: Float64Array;
  /** Σ_w Σ_i (∂L_w/∂W_ij)², [inFeatures]. */
  readonly columns: Float64Array;
}

/**
 * {@link WeightGradientSums} of a layer y = x·Wᵀ: for each window ∂L/∂W = GᵀX with X [rows, inFeatures] what the layer reads
 * and G [rows, outFeatures] the gradient at what it makes, then its squares by row and by column.
 */
export function createWeightGradient(
  outFeatures: number,
  inFeatures: number,
): GradientAccumulator<WeightGradientSums> {
  const [byRow, byColumn] = [new Float64Array(outFeatures), new Float64Array(inFeatures)];
  let count = 0;
  return {
    add(x, gradient, rows, scale) {
      assertRows(x, rows, inFeatures);
      assertRows(gradient, rows, outFeatures);
      const dW = gemm(outFeatures, inFeatures, rows, gradient, x, { transposeA: true });
      for (let i = 0; i < outFeatures; i++) {
        for (let j = 0; j < inFeatures; j++) {
          const square = (dW[i * inFeatures + j] * scale) ** 2;
          byRow[i] += square;
          byColumn[j] += square;
        }
      }
      count++;
    },
    finish() {
      assertFinite(byColumn);
      return { outFeatures, inFeatures, count, rows: byRow, columns: byColumn };
    },
  };
}
