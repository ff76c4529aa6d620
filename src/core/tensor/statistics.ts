/** What a tensor's values look like. All but the counts are over finite values only. */
export interface ValueStatistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Population standard deviation √(Σ(x−μ)²/n). */
  readonly std: number;
  /** Exact zeros (both signs). */
  readonly zeros: number;
  /** Σ(x−μ)⁴/n / std⁴: 3 for a Gaussian, larger means heavier tails; 0 when std = 0. */
  readonly kurtosis: number;
  /** NaN and ±∞, which the other numbers leave out. */
  readonly nonFinite: number;
}

/** Statistics of `values` in two passes over float64 sums; all zeros for an empty or all-NaN tensor. */
export function valueStatistics(values: Float32Array): ValueStatistics {
  const { sum, ...first } = firstPass(values);
  const finite = values.length - first.nonFinite;
  if (finite === 0) {
    const none = { min: 0, max: 0, mean: 0, std: 0, kurtosis: 0 };
    return { ...first, ...none, count: values.length };
  }
  const mean = sum / finite;
  const { second, fourth } = centralMoments(values, mean, finite);
  return {
    ...first,
    count: values.length,
    mean,
    std: Math.sqrt(second),
    kurtosis: second > 0 ? fourth / (second * second) : 0,
  };
}

function firstPass(values: Float32Array) {
  let [min, max, sum, zeros, nonFinite] = [Infinity, -Infinity, 0, 0, 0];
  for (const x of values) {
    if (!Number.isFinite(x)) {
      nonFinite++;
      continue;
    }
    if (x === 0) zeros++;
    if (x < min) min = x;
    if (x > max) max = x;
    sum += x;
  }
  return { min, max, sum, zeros, nonFinite };
}

function centralMoments(values: Float32Array, mean: number, finite: number) {
  let [second, fourth] = [0, 0];
  for (const x of values) {
    if (!Number.isFinite(x)) continue;
    const square = (x - mean) * (x - mean);
    second += square;
    fourth += square * square;
  }
  return { second: second / finite, fourth: fourth / finite };
}

export interface Histogram {
  readonly min: number;
  readonly max: number;
  /** Bin i holds min + i·w ≤ x < min + (i+1)·w with w = (max−min)/bins; the last bin includes max. */
  readonly counts: Uint32Array;
}

/**
 * Counts of finite `values` in `bins` equal bins over `range` (by default [min, max] of the values;
 * one value gives one full first bin). Values outside the range and non-finite ones are left out.
 */
export function histogram(
  values: Float32Array,
  bins: number,
  range?: readonly [number, number],
): Histogram {
  const { min: low, max: high } = range ? { min: range[0], max: range[1] } : firstPass(values);
  const [min, max] = low <= high ? [low, high] : [0, 0];
  const counts = new Uint32Array(bins);
  const scale = max > min ? bins / (max - min) : 0;
  for (const x of values) {
    if (!(x >= min && x <= max)) continue;
    counts[Math.min(bins - 1, Math.floor((x - min) * scale))]++;
  }
  return { min, max, counts };
}
