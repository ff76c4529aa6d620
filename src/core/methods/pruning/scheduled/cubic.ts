/** Sparsity that rises from sᵢ to s_f in n prunings after the first, Δt steps apart, from t₀ on. */
export interface Ramp {
  /** sᵢ and s_f: shares of weights that are zero. */
  readonly initial: number;
  readonly final: number;
  /** t₀: finished steps at the first pruning. */
  readonly start: number;
  /** Δt and n. */
  readonly every: number;
  readonly times: number;
}

/** How options say it: `until` is the share of all steps at which the final sparsity stands. */
export interface RampOptions {
  readonly steps: number;
  readonly start: number;
  readonly interval: number;
  readonly until: number;
}

/**
 * The ramp over a training. At least one step trains what is left, and a short ramp has one pruning at its end: an
 * interval longer than the ramp is shortened to it.
 */
export function rampOf(
  { steps, start, interval, until }: RampOptions,
  initial: number,
  final: number,
): Ramp {
  const end = Math.max(start, Math.min(steps - 1, Math.round(until * steps)));
  const every = Math.max(1, Math.min(interval, end - start));
  return { initial, final, start, every, times: Math.floor((end - start) / every) };
}

/**
 * s_t = s_f + (sᵢ − s_f)·(1 − (t − t₀)/(nΔt))³ for t = t₀, t₀ + Δt, …, t₀ + nΔt; s_f from then on.
 * @see Zhu & Gupta 2017, arXiv:1710.01878, equation (1)
 */
export function sparsityAt(step: number, ramp: Ramp): number {
  const { initial, final, start, every, times } = ramp;
  if (step >= endOf(ramp)) return final;
  return final + (initial - final) * (1 - (step - start) / (times * every)) ** 3;
}

/** Whether weights are pruned when so many steps are finished. */
export function prunesAt(step: number, ramp: Ramp): boolean {
  const { start, every } = ramp;
  return step >= start && step <= endOf(ramp) && (step - start) % every === 0;
}

/** t₀ + nΔt: finished steps at the last pruning. */
export function endOf({ start, every, times }: Ramp): number {
  return start + times * every;
}
