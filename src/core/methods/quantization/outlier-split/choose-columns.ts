/** What was seen of an input x of a layer. */
export interface SeenInput {
  /** max|x_j| */
  readonly maxima: ArrayLike<number>;
  /** ‖x_j‖ over all rows, and how many there were. */
  readonly norms: ArrayLike<number>;
  readonly rows: number;
}

export interface Choice {
  readonly outliers: 'deviations' | 'absolute' | 'share';
  readonly threshold: number;
  readonly ratio: number;
}

/** ⌈ratio·d⌉, but one channel is left. */
export function mostColumns(channels: number, ratio: number): number {
  return Math.min(Math.ceil(ratio * channels), channels - 1);
}

/**
 * Channels whose max|x_j| reaches the threshold: threshold·σ with σ² = mean x² over all of the input, or the threshold itself; those of
 * the largest maxima where they are more than ⌈ratio·d⌉, and so many whatever they reach with `share`. Ascending. (LLM.int8() §3.2: |x| ≥ 6.)
 */
export function outlierColumns(
  { maxima, norms, rows }: SeenInput,
  { outliers, threshold, ratio }: Choice,
): number[] {
  const all = Array.from(maxima, (_, j) => j);
  const farthest = all
    .toSorted((a, b) => maxima[b] - maxima[a] || a - b)
    .slice(0, mostColumns(all.length, ratio));
  const least = outliers === 'deviations' ? threshold * deviation(norms, rows) : threshold;
  return farthest
    .filter((j) => maxima[j] > 0 && (outliers === 'share' || maxima[j] >= least))
    .sort((a, b) => a - b);
}

function deviation(norms: ArrayLike<number>, rows: number): number {
  const sum = Array.from(norms).reduce((total, norm) => total + norm ** 2, 0);
  return Math.sqrt(sum / Math.max(1, rows * norms.length));
}
