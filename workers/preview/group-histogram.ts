import type { Group, Span } from '../../src/core/encodings/index.ts';
import { binned, rowsToCount } from './grid-histogram.ts';
import { rowsOf, type Outcome } from './outcome.ts';
import type { GridHistogram } from './picture.ts';
import type { Subject } from './pictures.ts';

/** The values of a grid may reach so much further than its weights, and no further is drawn. */
const FURTHEST = 3;

/**
 * The weights of one group by value, before as bins and after on the values that the group can take. Any grid has these,
 * also one that no other group has (a codebook of a row, sums of bit planes). Undefined where all values are one.
 */
export function groupHistogram(
  { frame, weight }: Pick<Subject, 'frame' | 'weight'>,
  outcome: Pick<Outcome, 'rows'> | undefined,
  { rows, columns, levels }: Pick<Group, 'rows' | 'columns' | 'levels'>,
  bins: number,
): GridHistogram | undefined {
  const counted = rowsToCount({ rows: rows.end - rows.from, columns: columns.end - columns.from });
  const picked = counted.map((row) => rows.from + row);
  const before = cut(rowsOf(weight.values, picked, frame.columns), frame.columns, columns);
  const after = outcome && cut(outcome.rows(picked).values, frame.columns, columns);
  const at = levels.toSorted();
  const range = rangeOf(before, at);
  if (range === undefined) return undefined;
  return {
    ...range,
    before: binned(before, range, Math.min(bins, mostBins(before.length))),
    ...{ at, integer: false, counts: onLevels(after ?? before, at), weights: before.length },
  };
}

/** So few that most of them hold something. */
function mostBins(weights: number): number {
  return Math.max(16, Math.ceil(2 * Math.sqrt(weights)));
}

/** The columns of a span, of whole rows. */
function cut(rows: Float32Array, width: number, { from, end }: Span): Float32Array {
  if (from === 0 && end === width) return rows;
  const count = rows.length / width;
  const out = new Float32Array(count * (end - from));
  for (let r = 0; r < count; r++)
    out.set(rows.subarray(r * width + from, r * width + end), r * (end - from));
  return out;
}

/** Around weights and levels, with half of the mean step at both ends. */
function rangeOf(before: Float32Array, at: Float32Array) {
  let [low, high] = [0, 0];
  for (const value of before) {
    if (value < low) low = value;
    if (value > high && value < Infinity) high = value;
  }
  const reach = FURTHEST * Math.max(-low, high);
  const within = (level: number): number =>
    reach === 0 ? level : Math.max(-reach, Math.min(reach, level));
  low = Math.min(low, within(at[0]));
  high = Math.max(high, within(at[at.length - 1]));
  if (!(high > low) || !Number.isFinite(high - low)) return undefined;
  const edge = (high - low) / Math.max(8, 2 * (at.length - 1));
  return { from: low - edge, to: high + edge };
}

/** How many values lie nearest to each level; levels rise. */
function onLevels(values: Float32Array, at: Float32Array): Float64Array {
  const counts = new Float64Array(at.length);
  // WHY no callback: this runs over many weights while a slider moves.
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    let [low, high] = [0, at.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (2 * value > at[middle] + at[middle + 1]) low = middle + 1;
      else high = middle;
    }
    counts[low]++;
  }
  return counts;
}
