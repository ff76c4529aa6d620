import type { InputGrid } from '../../encodings/index.ts';

/** [α, β] with α ≤ 0 ≤ β: zero is always a level, so that padding stays what it is. */
export type Range = readonly [number, number];

/** Levels of 8 bits. */
export const INPUT_LEVELS = 256;

/** s = (β − α) / 255, z = ⌊−α / s⌉; s = 1 where nothing but zero is covered. */
export function gridOver([low, high]: Range): InputGrid {
  const scale = Math.fround((high - low) / (INPUT_LEVELS - 1));
  if (scale === 0) return { scale: 1, zero: 0 };
  return { scale, zero: Math.min(INPUT_LEVELS - 1, Math.max(0, Math.round(-low / scale))) };
}
