import { interpolatePRGn, interpolateRdBu } from 'd3-scale-chromatic';

const STEPS = 512;

/** RdBu as a table of 0xAABBGGRR words: red negative, blue positive, white zero. */
export const DIVERGING: Uint32Array = tableOf(interpolateRdBu);

/** PRGn: purple negative, green positive, grey at zero. For errors, which are no values. */
export const DIVERGING_ERROR: Uint32Array = tableOf(interpolatePRGn);

function tableOf(interpolate: (t: number) => string): Uint32Array {
  return Uint32Array.from({ length: STEPS }, (_, index) => pack(interpolate(index / (STEPS - 1))));
}

function pack(color: string): number {
  const [red, green, blue] = (color.match(/\d+/g) ?? []).map(Number);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Colours of values on a scale that is symmetric about zero, ±`extent`. */
export function divergingPixels(
  values: Float32Array,
  extent: number,
  table: Uint32Array = DIVERGING,
): Uint8ClampedArray<ArrayBuffer> {
  const words = new Uint32Array(values.length);
  const scale = extent > 0 ? (STEPS - 1) / (2 * extent) : 0;
  for (let i = 0; i < values.length; i += 1) {
    const at = Math.round(values[i] * scale + (STEPS - 1) / 2);
    words[i] = table[at < 0 ? 0 : at >= STEPS ? STEPS - 1 : at];
  }
  return new Uint8ClampedArray(words.buffer);
}

/** The largest magnitude, but not one outlier's: the scale ends at the 99.5 % quantile. */
export function robustExtent(values: Float32Array): number {
  const magnitudes = values.map(Math.abs).sort();
  return magnitudes[Math.min(magnitudes.length - 1, Math.floor(magnitudes.length * 0.995))] ?? 0;
}
