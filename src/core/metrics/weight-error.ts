import { gemm } from '../kernels/gemm.ts';

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
    const whole = (known ??= quadraticForm(weight, secondMoments, columns));
    if (whole === 0) return 0;
    const difference = new Float32Array(weight.length);
    for (let i = 0; i < weight.length; i++) difference[i] = weight[i] - decoded[i];
    return quadraticForm(difference, secondMoments, columns) / whole;
  };
}

/** Rows of W that are multiplied by H at once: memory stays bounded where W is an embedding. */
const STRIP = 512;

/**
 * Σ_r w_r·H·w_rᵀ = Σ (W·H) ⊙ W over a matrix W [rows, columns]: the product by the `gemm` kernel in
 * float32, its sum in float64. Off by at most (256 + columns/256)·2⁻²⁴ · Σ |W||H||W|.
 */
function quadraticForm(matrix: Float32Array, h: Float32Array, columns: number): number {
  let total = 0;
  for (let start = 0; start < matrix.length; start += STRIP * columns) {
    const strip = matrix.subarray(start, start + STRIP * columns);
    const product = gemm(strip.length / columns, columns, columns, strip, h);
    for (let i = 0; i < strip.length; i++) total += product[i] * strip[i];
  }
  return Math.max(0, total);
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
