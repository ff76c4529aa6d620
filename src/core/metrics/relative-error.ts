import { ratioOfSums, transformed, type Estimate } from './estimate.ts';

/** Σ(y−ŷ)² and Σy² of one example's output. */
export function squaredError(
  wanted: ArrayLike<number>,
  found: ArrayLike<number>,
): { readonly error: number; readonly signal: number } {
  let [error, signal] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    error += (wanted[i] - found[i]) ** 2;
    signal += wanted[i] * wanted[i];
  }
  return { error, signal };
}

/**
 * Relative L2 error ‖y−ŷ‖₂ / ‖y‖₂ over all examples together: √(Σ errors / Σ signals), both squared
 * sums per example. SE by the delta method with examples as clusters.
 */
export function relativeError(errors: ArrayLike<number>, signals: ArrayLike<number>): Estimate {
  const slope = (r: number) => (r === 0 ? 0 : 1 / (2 * Math.sqrt(r)));
  return transformed(ratioOfSums(errors, signals, errors.length), Math.sqrt, slope);
}

/** Signal to quantization noise, 10·log₁₀(Σy² / Σ(y−ŷ)²) in dB; infinite when nothing changed. */
export function sqnr(errors: ArrayLike<number>, signals: ArrayLike<number>): Estimate {
  const slope = (r: number) => (r === 0 ? 0 : -10 / (Math.LN10 * r));
  const ratio = ratioOfSums(errors, signals, errors.length);
  return transformed(ratio, (r) => -10 * Math.log10(r), slope);
}
