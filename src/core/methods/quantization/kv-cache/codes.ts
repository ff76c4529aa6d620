/**
 * How numbers of a cache become bytes. All numbers of one token and head (or one channel) share a range of
 * L + 1 = 2^bits levels.
 *
 * A range that is computed as tokens come goes in front of its codes in three bytes, so that a cache stays one tensor:
 * two for the scale s = 2^(e / 2048 − 24), rounded up so that the range fits, and one for the zero point z.
 */
export const RANGE_BYTES = 3;
export const SCALE_STEPS = 2048;
export const SCALE_FLOOR = 24;
export const MOST_EXPONENT = 65535;

/** L: the largest code. */
export function largestCode(bits: number): number {
  return 2 ** bits - 1;
}

/** Bytes that `channels` numbers of one token and head take, with their range where it comes with them. */
export function storedChannels(channels: number, bits: number, fixed: boolean): number {
  return (channels * bits) / 8 + (fixed ? 0 : RANGE_BYTES);
}

/** s_c and m_c of fixed ranges, so that x ≈ s_c·q + m_c covers [minima_c, maxima_c]; a constant channel has s_c = 1. */
export function fixedRange(
  minima: Float32Array,
  maxima: Float32Array,
  bits: number,
): { readonly scales: Float32Array; readonly offsets: Float32Array } {
  const spread = (c: number): number => (maxima[c] - minima[c]) / largestCode(bits);
  return { scales: minima.map((_, c) => spread(c) || 1), offsets: minima.slice() };
}
