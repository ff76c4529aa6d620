import type { Histogram } from './histogram.ts';

/** [α, β] with α ≤ 0 ≤ β: zero is always a level, so that padding stays what it is. */
export type CoveredRange = readonly [number, number];

/** x̂ = scale·(code − zero), codes 0 … levels − 1. */
export interface CoveringGrid {
  readonly scale: number;
  readonly zero: number;
}

/** Levels of 8 bits. */
export const BYTE_LEVELS = 256;

/** s = (β − α) / (levels − 1), z = ⌊−α / s⌉; s = 1 where nothing but zero is covered. */
export function gridCovering([low, high]: CoveredRange, levels = BYTE_LEVELS): CoveringGrid {
  const scale = Math.fround((high - low) / (levels - 1));
  if (scale === 0) return { scale: 1, zero: 0 };
  return { scale, zero: Math.min(levels - 1, Math.max(0, Math.round(-low / scale))) };
}

/** The bins of a histogram that hold something, each standing for its middle. */
export interface FilledBins {
  readonly counts: Float64Array;
  readonly middles: Float64Array;
  readonly width: number;
}

/** The bins that hold something; `limit` is the magnitude at which the outermost ends. */
export function filledBins({ counts, limit }: Pick<Histogram, 'counts' | 'limit'>): FilledBins {
  const width = (2 * limit) / counts.length;
  const filled = [...counts.keys()].filter((bin) => counts[bin] > 0);
  return {
    counts: Float64Array.from(filled, (bin) => counts[bin]),
    middles: Float64Array.from(filled, (bin) => (bin + 0.5) * width - limit),
    width,
  };
}

/** Σ n·((x − x̂)² + min(w, Δ)²/12): a bin's middle rounded, and its numbers spread over it. */
export function roundingError(
  { counts, middles, width }: FilledBins,
  range: CoveredRange,
  levels = BYTE_LEVELS,
): number {
  const { scale, zero } = gridCovering(range, levels);
  const [least, most] = [-zero * scale, (levels - 1 - zero) * scale];
  const spread = Math.min(width, scale) ** 2 / 12;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const x = middles[i];
    const rounded = Math.min(most, Math.max(least, Math.round(x / scale) * scale));
    sum += counts[i] * ((x - rounded) ** 2 + spread);
  }
  return sum;
}

/** Σ n·x² */
export function energyOf({ counts, middles }: Pick<FilledBins, 'counts' | 'middles'>): number {
  return counts.reduce((sum, count, i) => sum + count * middles[i] ** 2, 0);
}
