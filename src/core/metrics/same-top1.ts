import { meanByWindow, type Estimate } from './estimate.ts';

/** Share of positions where both models put the same token first; `same` [positions] holds 0 or 1. */
export function sameTop1(same: ArrayLike<number>, windows: readonly number[]): Estimate {
  return meanByWindow(same, windows);
}
