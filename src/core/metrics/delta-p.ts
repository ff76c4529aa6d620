import { meanByWindow, transformed, type Estimate } from './estimate.ts';

/** Mean of Δp = q(token) − p(token), the change of the true token's probability. */
export function deltaP(change: ArrayLike<number>, windows: readonly number[]): Estimate {
  return meanByWindow(change, windows);
}

/** Root mean square of Δp; SE by the delta method, d√m = dm / (2√m). */
export function deltaPRms(change: ArrayLike<number>, windows: readonly number[]): Estimate {
  const squares = Float64Array.from(change, (value) => value * value);
  const slope = (m: number) => (m === 0 ? 0 : 1 / (2 * Math.sqrt(m)));
  return transformed(meanByWindow(squares, windows), Math.sqrt, slope);
}
