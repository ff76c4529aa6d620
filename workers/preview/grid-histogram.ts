import {
  gridPositions,
  turnedWeights,
  type Coded,
  type Shape,
} from '../../src/core/encodings/index.ts';
import type { GridHistogram } from './picture.ts';

/** Of a larger layer so many weights are counted, in whole rows. */
const MOST_COUNTED = 65_536;

/** Rows spread over a layer, all of them where they hold few enough weights. */
export function rowsToCount({ rows, columns }: Shape, most = MOST_COUNTED): number[] {
  const count = Math.max(1, Math.min(rows, Math.floor(most / columns)));
  return Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

/**
 * Weights in units of their own blocks' scales, before as bins and after on the places of the grid, by value: small
 * ones left. Undefined where the blocks' grids differ by more than scale and zero, so that they have no unit in common.
 */
export function gridHistogram(
  coded: Coded,
  shape: Shape,
  before: Float32Array,
  bins: number,
): GridHistogram | undefined {
  const places = placesOf(coded);
  const { codes } = coded;
  if (places === undefined || codes === undefined) return undefined;
  // Where zero is another code in each block, a scale is never negative.
  const turned = coded.zeros === undefined ? turnedWeights(coded, shape) : undefined;
  const positions = gridPositions(coded, shape, before);
  const integer = coded.grid === 'integer';
  if (turned === undefined) {
    const counts = new Float64Array(places.length);
    for (const code of codes) counts[code]++;
    return histogram(positions, places, { integer, turned: false, counts, bins });
  }
  const steps = stepsBothWays(places, integer ? 2 ** (coded.bits - 1) : 0, codes, turned);
  const along = positions.map((position, i) => steps.of(position, i));
  return histogram(along, steps.at, { integer, turned: true, counts: steps.counts, bins });
}

interface Drawn {
  readonly integer: boolean;
  readonly turned: boolean;
  readonly counts: Float64Array;
  readonly bins: number;
}

function histogram(positions: Float32Array, at: Float32Array, drawn: Drawn): GridHistogram {
  const { integer, turned, counts, bins } = drawn;
  const range = rangeOf(at);
  const before = binned(positions, range, binCount(range, integer, bins));
  return { ...range, before, at, counts, integer, turned, weights: positions.length };
}

/** Steps from zero in units of |scale|: codes run the other way where a scale is negative. */
function stepsBothWays(places: Float32Array, zero: number, codes: Uint8Array, turned: Uint8Array) {
  const of = (place: number, i: number): number => (turned[i] === 1 ? zero - place : place - zero);
  const ways = [...new Set(turned)];
  const reached = ways.flatMap((way) => [...places].map((p) => (way === 1 ? zero - p : p - zero)));
  const at = Float32Array.from(new Set(reached.map((step) => step + 0))).toSorted();
  const index = new Map([...at].map((step, i) => [step, i]));
  const counts = new Float64Array(at.length);
  codes.forEach((code, i) => counts[index.get(of(places[code], i)) ?? 0]++);
  return { of, at, counts };
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

/** How many values lie in each of equal bins; what lies outside counts for the outermost. */
export function binned(
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
