import type { Histogram } from '../../../statistics/histogram/histogram.ts';
import { gridOver, INPUT_LEVELS as LEVELS, type Range } from '../input-grid.ts';

export { gridOver, type Range };

export interface RangeChoice {
  readonly kind: 'minmax' | 'percentile' | 'mse' | 'entropy';
  /** Of 100: how much lies within. */
  readonly percentile: number;
}

/** [α, β] that the levels should cover, from how often the numbers of a value fall where. */
export function rangeOf(histogram: Histogram, { kind, percentile }: RangeChoice): Range {
  const bins = binsOf(histogram);
  if (bins.last < bins.first) return [0, 0];
  switch (kind) {
    case 'minmax':
      return edges(bins, bins.first, bins.last);
    case 'percentile':
      return percentileRange(bins, percentile / 100);
    case 'mse':
      return leastSquares(bins);
    case 'entropy':
      return leastEntropy(bins);
  }
}

interface Bins {
  readonly counts: Float64Array;
  readonly width: number;
  readonly limit: number;
  /** The outermost bins with anything in them, widened to hold zero. */
  readonly first: number;
  readonly last: number;
}

function binsOf({ counts, limit }: Histogram): Bins {
  const middle = counts.length / 2;
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const none = first < 0 || limit === 0;
  return {
    ...{ counts, limit, width: (2 * limit) / counts.length },
    first: none ? 0 : Math.min(first, middle),
    last: none ? -1 : Math.max(last, middle - 1),
  };
}

/** From the lower edge of one bin to the upper edge of another. */
function edges({ limit, width }: Bins, first: number, last: number): Range {
  return [Math.min(0, first * width - limit), Math.max(0, (last + 1) * width - limit)];
}

/** Half of what lies without is cut at each end. */
function percentileRange(bins: Bins, within: number): Range {
  const { counts, first, last } = bins;
  const middle = counts.length / 2;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const cut = ((1 - within) / 2) * total;
  let [low, below] = [first, counts[first]];
  while (low < middle && below <= cut) below += counts[++low];
  let [high, above] = [last, counts[last]];
  while (high >= middle && above <= cut) above += counts[--high];
  return edges(bins, low, high);
}

/** Shares of the whole range that are tried at each end, and finer ones around the best of them. */
const TRIED = Array.from({ length: 40 }, (_, i) => (i + 1) / 40);
const FINER = [-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75].map((share) => share / 40);

/** The [α, β] of least Σ (x − x̂)², each bin standing for its numbers: coarsely over both ends, then finely. */
function leastSquares(bins: Bins): Range {
  const [low, high] = edges(bins, bins.first, bins.last);
  const filled = filledBins(bins);
  const best = (shares: readonly (readonly [number, number])[]): readonly [number, number] =>
    shares
      .map((share) => ({ share, error: squaredError(filled, [low * share[0], high * share[1]]) }))
      .reduce((a, b) => (b.error < a.error ? b : a)).share;
  const pairs = (ones: readonly number[], others: readonly number[]) =>
    (low === 0 ? [1] : ones).flatMap((a) =>
      (high === 0 ? [1] : others).map((b) => [a, b] as const),
    );
  const [a, b] = best(pairs(TRIED, TRIED));
  const around = (share: number) => FINER.map((step) => Math.min(1, share + step));
  const [x, y] = best(pairs(around(a), around(b)));
  return [low * x, high * y];
}

interface FilledBins {
  readonly counts: Float64Array;
  readonly middles: Float64Array;
  readonly width: number;
}

function filledBins({ counts, width, limit }: Bins): FilledBins {
  const filled = [...counts.keys()].filter((bin) => counts[bin] > 0);
  return {
    counts: Float64Array.from(filled, (bin) => counts[bin]),
    middles: Float64Array.from(filled, (bin) => (bin + 0.5) * width - limit),
    width,
  };
}

/** Σ n·((x − x̂)² + min(w, Δ)²/12): a bin's middle rounded, and its numbers spread over it. */
function squaredError({ counts, middles, width }: FilledBins, range: Range): number {
  const { scale, zero } = gridOver(range);
  const [least, most] = [-zero * scale, (LEVELS - 1 - zero) * scale];
  const spread = Math.min(width, scale) ** 2 / 12;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const x = middles[i];
    const rounded = Math.min(most, Math.max(least, Math.round(x / scale) * scale));
    sum += counts[i] * ((x - rounded) ** 2 + spread);
  }
  return sum;
}

/** Levels of magnitudes: int8 has as many on each side. */
const MAGNITUDES = 128;

/**
 * The threshold T on |x| of least KL(P ‖ Q): P is the histogram with all beyond T put into its last bin, Q the same in 128
 * levels, each spread over the bins that were not empty (Migacz 2017, TensorRT's calibration). The range is [−T, T],
 * as far as numbers reach.
 */
function leastEntropy(bins: Bins): Range {
  const { counts, first, last, width, limit } = bins;
  const middle = counts.length / 2;
  const magnitudes = Float64Array.from(
    { length: middle },
    (_, i) => counts[middle + i] + counts[middle - 1 - i],
  );
  const reach = Math.max(last - middle + 1, middle - first, 1);
  let best = { loss: Infinity, bins: reach };
  for (let kept = Math.min(MAGNITUDES, reach); kept <= reach; kept++) {
    const loss = divergence(magnitudes, kept);
    if (loss < best.loss) best = { loss, bins: kept };
  }
  const top = best.bins * width;
  const [low, high] = edges(bins, first, last);
  return [Math.max(low, -top), Math.min(high, Math.min(top, limit))];
}

/** What an empty bin counts, so that numbers gathered in it do not forbid a threshold. */
const FLOOR = 1e-4;

/** KL of the first `kept` bins, the rest gathered in the last, from their 128 levels. */
function divergence(counts: Float64Array, kept: number): number {
  const p = counts.slice(0, kept);
  const q = spread(p, MAGNITUDES);
  p[kept - 1] += counts.subarray(kept).reduce((sum, n) => sum + n, 0);
  const total = p.reduce((sum, n) => sum + n, 0);
  const covered = q.reduce((sum, n) => sum + n, 0);
  let loss = 0;
  for (let i = 0; i < kept; i++) {
    if (p[i] === 0) continue;
    loss += (p[i] / total) * Math.log((p[i] * covered) / (total * Math.max(q[i], FLOOR)));
  }
  return loss;
}

/** Bins merged into levels, and each level's count spread evenly over its bins that are not empty. */
function spread(p: Float64Array, levels: number): Float64Array {
  const q = new Float64Array(p.length);
  for (let level = 0; level < levels; level++) {
    const from = Math.floor((level * p.length) / levels);
    const to = Math.floor(((level + 1) * p.length) / levels);
    const part = p.subarray(from, to);
    const filled = part.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
    const mean = filled === 0 ? 0 : part.reduce((sum, n) => sum + n, 0) / filled;
    part.forEach((n, i) => {
      q[from + i] = n > 0 ? mean : 0;
    });
  }
  return q;
}
