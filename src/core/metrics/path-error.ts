import { gemm } from '../kernels/gemm.ts';
import { quadraticForm } from '../kernels/quadratic-form.ts';

/** Moments of two paths that feed a layer, rows in step: X of the float path, X̃ of the compressed one. */
export interface PathMoments {
  /** XᵀX, XᵀX̃ and X̃ᵀX̃, each [columns, columns]. */
  readonly float: Float32Array;
  readonly cross: Float32Array;
  readonly compressed: Float32Array;
}

/**
 * Relative error of a layer's output against what the float path gives: ‖WXᵀ − ŴX̃ᵀ‖² / ‖WXᵀ‖², for several Ŵ
 * [rows, columns] of one W. With C = (X − X̃)ᵀ(X − X̃), L = (X − X̃)ᵀX̃ and D = W − Ŵ the first is
 * tr(WCWᵀ) + 2·tr(WLDᵀ) + tr(DX̃ᵀX̃Dᵀ): only in C large numbers nearly cancel. Products in float32. 0 when the output is 0.
 */
export function pathErrors(
  weight: Float32Array,
  { float, cross, compressed }: PathMoments,
  columns: number,
): (decoded: Float32Array) => number {
  const apart = float.map((f, at) => {
    const turned = (at % columns) * columns + Math.floor(at / columns);
    return f - cross[at] - cross[turned] + compressed[at];
  });
  const whole = quadraticForm(weight, float, columns);
  const before = quadraticForm(weight, apart, columns);
  const lag = cross.map((g, at) => g - compressed[at]);
  const lacking = gemm(weight.length / columns, columns, columns, weight, lag);
  return (decoded) => {
    if (whole <= 0) return 0;
    let between = 0;
    for (let i = 0; i < lacking.length; i++) between += lacking[i] * (weight[i] - decoded[i]);
    const own = quadraticForm(weight, compressed, columns, decoded);
    return Math.max(0, before + 2 * between + own) / whole;
  };
}
