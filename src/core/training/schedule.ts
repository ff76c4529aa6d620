/** How the learning rate η goes over the steps. */
export interface Schedule {
  /** Peak rate. */
  readonly learningRate: number;
  /** Steps in all. */
  readonly steps: number;
  /** Steps over which the rate rises from near zero to its peak. */
  readonly warmup: number;
  /** The rate at the end, as a share of the peak. */
  readonly floor: number;
}

/**
 * Linear warm-up, then half a cosine: for t = 0 … steps − 1
 * η(t) = η·(t + 1)/warmup while t < warmup, else
 * η·(floor + (1 − floor)·(1 + cos(π·(t − warmup)/(steps − warmup)))/2).
 * @see Loshchilov & Hutter 2017, arXiv:1608.03983
 */
export function learningRateAt(step: number, schedule: Schedule): number {
  const { learningRate, steps, warmup, floor } = schedule;
  if (step < warmup) return (learningRate * (step + 1)) / warmup;
  const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return learningRate * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * done))) / 2);
}
