/** What a band of sparsities is made of; numbers are of the same groups, in their order. */
export interface Band {
  /** The sparsity of all groups together. */
  readonly sparsity: number;
  /** λ: the sparsities span 2λ. */
  readonly band: number;
  /** Weights of each group; equal where absent. */
  readonly sizes?: readonly number[];
}

/** No group loses more than this. */
const MOST = 0.99;

/**
 * Sparsities of layers from their outlier ratios r (OWL, Yin et al. 2023, §3): densities are 2λ·(r − min r)/(max r − min r),
 * moved so that their mean, weighted by size, is 1 − sparsity. Where one would leave [0, 0.99], the band is narrowed.
 */
export function owlSparsities(
  ratios: readonly number[],
  { sparsity, band, sizes = ratios.map(() => 1) }: Band,
): readonly number[] {
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  if (ratios.length === 0 || high === low) return ratios.map(() => sparsity);
  const raw = ratios.map((ratio) => (2 * band * (ratio - low)) / (high - low));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const mean = raw.reduce((sum, value, i) => sum + value * sizes[i], 0) / total;
  const away = raw.map((value) => mean - value);
  const room = Math.min(
    1,
    Math.max(0, MOST - sparsity) / Math.max(...away, Number.MIN_VALUE),
    sparsity / Math.max(...away.map((value) => -value), Number.MIN_VALUE),
  );
  return away.map((value) => sparsity + room * value);
}

/** Counts |w|·‖x‖ in two passes: `mean` takes all weights first, `count` then those above M times the mean. */
export class OutlierRatio {
  #sum = 0;
  #total = 0;
  #above = 0;

  constructor(private readonly m: number) {}

  mean(values: Float32Array, norms: Float32Array): void {
    const columns = norms.length;
    for (let start = 0; start < values.length; start += columns) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += Math.abs(values[start + c]) * norms[c];
      this.#sum += sum;
    }
    this.#total += values.length;
  }

  count(values: Float32Array, norms: Float32Array): void {
    const columns = norms.length;
    const limit = (this.m * this.#sum) / this.#total;
    for (let start = 0; start < values.length; start += columns)
      for (let c = 0; c < columns; c++)
        if (Math.abs(values[start + c]) * norms[c] > limit) this.#above++;
  }

  /** Share of the weights that are outliers. */
  get ratio(): number {
    return this.#total === 0 ? 0 : this.#above / this.#total;
  }
}
