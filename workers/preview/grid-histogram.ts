import { gridPositions, type Coded, type Shape } from '../../src/core/encodings/index.ts';
import type { GridHistogram } from './picture.ts';

/** Of a larger layer so many weights are counted, in whole rows. */
const MOST_COUNTED = 65_536;

/** Rows spread over a layer, all of them where they hold few enough weights. */
export function rowsToCount({ rows, columns }: Shape): number[] {
  const count = Math.max(1, Math.min(rows, Math.floor(MOST_COUNTED / columns)));
  return Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

/**
 * Weights in units of their own blocks' scales, before as bins and after as counts of codes. Undefined where the
 * blocks' grids differ by more than scale and zero, so that they have no unit in common.
 */
export function gridHistogram(
  coded: Coded,
  shape: Shape,
  before: Float32Array,
  bins: number,
): GridHistogram | undefined {
  const at = placesOf(coded);
  const { codes } = coded;
  if (at === undefined || codes === undefined) return undefined;
  const counts = new Float64Array(at.length);
  for (const code of codes) counts[code]++;
  const range = rangeOf(at);
  const integer = coded.grid === 'integer';
  return {
    ...range,
    before: binned(gridPositions(coded, shape, before), range, binCount(range, integer, bins)),
    ...{ at, counts, integer, weights: before.length },
  };
}

function placesOf({ grid, bits }: Coded): Float32Array | undefined {
  if (grid === 'integer') return Float32Array.from({ length: 2 ** bits }, (_, code) => code);
  return grid.shared === 'row' ? undefined : grid.values;
}

/** A step beyond both ends: what was cut off at them is seen there. */
function rangeOf(at: Float32Array): { from: number; to: number } {
  const sorted = at.toSorted();
  const last = sorted.length - 1;
  return { from: 2 * sorted[0] - sorted[1], to: 2 * sorted[last] - sorted[last - 1] };
}

/** Whole bins for a code, so that the edges of what is rounded to it are edges of bins. */
function binCount({ from, to }: { from: number; to: number }, integer: boolean, bins: number) {
  if (!integer) return bins;
  const perCode = 2 * Math.max(1, Math.floor(bins / (2 * (to - from))));
  return perCode * (to - from);
}

function binned(
  positions: Float32Array,
  { from, to }: { from: number; to: number },
  bins: number,
): Float64Array {
  const counts = new Float64Array(bins);
  const factor = bins / (to - from);
  for (const position of positions) {
    if (Number.isNaN(position)) continue;
    const bin = Math.floor((position - from) * factor);
    counts[Math.min(bins - 1, Math.max(0, bin))]++;
  }
  return counts;
}
