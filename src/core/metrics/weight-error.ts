import { quadraticForm } from '../kernels/quadratic-form.ts';

/**
 * Relative error of the layer's output: tr(D·H·Dᵀ) / tr(W·H·Wᵀ) with D = W − Ŵ and H = XᵀX, which is
 * ‖(W − Ŵ)Xᵀ‖² / ‖WXᵀ‖². W and Ŵ are [rows, columns], H [columns, columns]; products in float32.
 * 0 when the output is 0 anyway.
 */
export function outputError(
  weight: Float32Array,
  decoded: Float32Array,
  secondMoments: Float32Array,
  columns: number,
): number {
  return outputErrors(weight, secondMoments, columns)(decoded);
}

/** {@link outputError} of several Ŵ for the same W: tr(W·H·Wᵀ) is computed once, when first needed. */
export function outputErrors(
  weight: Float32Array,
  secondMoments: Float32Array,
  columns: number,
): (decoded: Float32Array) => number {
  let known: number | undefined;
  return (decoded) => {
    const whole = (known ??= Math.max(0, quadraticForm(weight, secondMoments, columns)));
    if (whole === 0) return 0;
    return Math.max(0, quadraticForm(weight, secondMoments, columns, decoded)) / whole;
  };
}

/** Relative error of the weight alone: ‖W − Ŵ‖² / ‖W‖², sums in float64. 0 for a weight of zeros. */
export function weightError(weight: Float32Array, decoded: Float32Array): number {
  let difference = 0;
  let whole = 0;
  for (let i = 0; i < weight.length; i++) {
    const w = weight[i];
    const d = w - decoded[i];
    difference += d * d;
    whole += w * w;
  }
  return whole === 0 ? 0 : difference / whole;
}
