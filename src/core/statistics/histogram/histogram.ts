import { assertRows, watchFinite } from '../activations.ts';
import type { TakeAccumulator } from '../take-accumulator.ts';

/** Even, so that zero is an edge; as many as static calibration usually takes. */
const BINS = 2048;

/** How often the numbers of a value fall where. */
export interface Histogram {
  readonly rows: number;
  readonly columns: number;
  /** Bins of equal width from −limit to limit, each with its lower edge. */
  readonly counts: Float64Array;
  /** A power of two above every magnitude seen; 0 when only zeros came by. */
  readonly limit: number;
}

/**
 * Counts of all numbers of X [rows, columns] in 2048 equal bins over [−L, L), L the least power of two
 * above max|x|. L doubles when a larger number comes by, and each two neighbours become one bin:
 * edges nest, so the counts are those of one pass with the last L, whatever the order of the data.
 * Throws `activations-shape`, `activations-not-finite`.
 */
export function createHistogram(columns: number): TakeAccumulator<Histogram> {
  const counts = new Float64Array(BINS);
  const watch = watchFinite(columns);
  let [limit, seen] = [0, 0];
  return {
    add(x, rows) {
      assertRows(x, rows, columns);
      watch.see(x);
      seen += rows;
      const needed = limitFor(x, limit);
      if (needed > limit && limit > 0) widen(counts, needed / limit);
      limit = needed;
      countInto(counts, x, limit);
    },
    finish() {
      watch.assert();
      return { rows: seen, columns, counts, limit };
    },
  };
}

/** The least power of two above every magnitude in `x`, and not below `least`; infinities are not counted. */
function limitFor(x: Float32Array, least: number): number {
  let top = 0;
  for (const value of x) if (Math.abs(value) > top && value - value === 0) top = Math.abs(value);
  if (top === 0 || top < least) return least;
  let limit = least > 0 ? least : 2 ** -149;
  while (limit <= top) limit *= 2;
  return limit;
}

/** Numbers below the limit into their bins; the widths are powers of two, so edges are exact. */
function countInto(counts: Float64Array, x: Float32Array, limit: number): void {
  const perUnit = limit > 0 ? BINS / 2 / limit : 0;
  for (const value of x) {
    if (value - value === 0) counts[Math.floor(value * perUnit) + BINS / 2]++;
  }
}

/** Merges bins so that they span `factor` (a power of two) times as much. */
function widen(counts: Float64Array, factor: number): void {
  const before = counts.slice();
  counts.fill(0);
  before.forEach((count, bin) => {
    counts[Math.floor((bin - BINS / 2) / factor) + BINS / 2] += count;
  });
}
