import { quadraticForm } from '../kernels/quadratic-form.ts';

/**
 * Relative error of the layer's output: tr(D·H·Dᵀ) / tr(W·H·Wᵀ) with D = W − Ŵ and H = XᵀX, which is
 * ‖(W − Ŵ)Xᵀ‖² / ‖WXᵀ‖². W and Ŵ are [rows, columns], H [columns, columns]; products in float32.
 * 0 when the output is 0 anyway. `whole` is {@link outputEnergy} of W where it is known already.
 */
export function outputError(
  weight: Float32Array,
  decoded: Float32Array,
  secondMoments: Float32Array,
  columns: number,
  whole = outputEnergy(weight, secondMoments, columns),
): number {
  if (whole === 0) return 0;
  return Math.max(0, quadraticForm(weight, secondMoments, columns, decoded)) / whole;
}

/** tr(W·H·Wᵀ) = ‖WXᵀ‖² of W [rows, columns] with H = XᵀX; never below 0, which rounding could make of it. */
export function outputEnergy(
  weight: Float32Array,
  secondMoments: Float32Array,
  columns: number,
): number {
  return Math.max(0, quadraticForm(weight, secondMoments, columns));
}

/** Relative error of the weight alone: ‖W − Ŵ‖² / ‖W‖², sums in float64. 0 for a weight of zeros. */
export function weightError(weight: Float32Array, decoded: Float32Array): number {
  let difference = 0;
  let whole = 0;
  for (let i = 0; i < weight.length; i++) {
    difference += (weight[i] - decoded[i]) ** 2;
    whole += weight[i] ** 2;
  }
  return whole === 0 ? 0 : difference / whole;
}
