import {
  energyOf,
  filledBins,
  gridCovering,
  roundingError,
  type CoveredRange,
} from '../../../../../core/statistics/histogram/round-histogram.ts';
import type { InputProfile } from '../../../../../../workers/protocol.ts';

type Counted = Pick<InputProfile, 'counts' | 'limit'>;

/** The numbers that were seen: from the lower edge of the first bin with any to the upper edge of the last, zero included. */
export function wholeRange({ counts, limit }: Counted): CoveredRange {
  const width = (2 * limit) / counts.length;
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  if (first < 0) return [0, 0];
  return [Math.min(0, first * width - limit), Math.max(0, (last + 1) * width - limit)];
}

/** How a range rounds the numbers of a histogram. */
export interface RangeFacts {
  /** Σ(x − x̂)² / Σx² */
  readonly error: number;
  /** Distance of two levels. */
  readonly step: number;
  /** Share of the numbers beyond the outermost levels. */
  readonly cut: number;
}

/** Answers for one histogram and any range; cheap enough for every move of a handle. */
export function rangeFacts(profile: Counted, levels: number): (range: CoveredRange) => RangeFacts {
  const bins = filledBins(profile);
  const energy = energyOf(bins) || 1;
  const total = bins.counts.reduce((sum, count) => sum + count, 0) || 1;
  return (range) => {
    const { scale } = gridCovering(range, levels);
    const without = bins.counts.reduce((sum, count, i) => {
      const x = bins.middles[i];
      return x < range[0] || x > range[1] ? sum + count : sum;
    }, 0);
    return {
      error: roundingError(bins, range, levels) / energy,
      step: scale,
      cut: without / total,
    };
  };
}

/** As a recipe says it: six digits, zero within. */
export function asOption([low, high]: CoveredRange): CoveredRange {
  const short = (value: number): number => Number(value.toPrecision(6));
  return [Math.min(0, short(low)), Math.max(0, short(high))];
}

/** Counts put together so that each bar has a pixel or more, over [from, to]. */
export function barsOf({ counts, limit }: Counted, [from, to]: CoveredRange, most: number) {
  const width = (2 * limit) / counts.length;
  const [first, end] = [from, to].map((value) => (value + limit) / width);
  const per = Math.max(1, Math.ceil((end - first) / Math.max(1, most)));
  const start = Math.max(0, Math.floor(first));
  const bars: { readonly from: number; readonly to: number; readonly count: number }[] = [];
  for (let bin = start; bin < Math.min(counts.length, Math.ceil(end)); bin += per) {
    let count = 0;
    for (let i = bin; i < Math.min(counts.length, bin + per); i++) count += counts[i];
    bars.push({ from: bin * width - limit, to: (bin + per) * width - limit, count: count / per });
  }
  return bars;
}
