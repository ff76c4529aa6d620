import type { Bits } from './uniform.ts';

/** What scales and zeros of a uniform grid can be, as they will be stored. */
export interface GridLevels {
  readonly bits: Bits;
  /** Columns that share a scale. */
  readonly groupSize: number;
  /** What the scale of group `at` ([rows, groups], row by row) can be; undefined: any float, see `float`. */
  readonly scales: (at: number) => Float32Array | undefined;
  /** A free scale as its type holds it. */
  readonly float: (scale: number) => number;
  /** What zeros can be, rising in equal steps; undefined for symmetric grids, whose zero is 2^(bits−1). */
  readonly zeros?: Float32Array;
}

/** The scale that can be stored and is nearest to one wished for. */
export function nearestScale({ scales, float }: GridLevels, at: number, wished: number): number {
  const levels = scales(at);
  if (levels === undefined) return float(wished);
  let best = levels[0];
  for (let k = 1; k < levels.length; k++)
    if (Math.abs(levels[k] - wished) < Math.abs(best - wished)) best = levels[k];
  return best;
}

/** The zero that can be stored and is nearest to one wished for. */
export function nearestZero({ zeros, bits }: GridLevels, wished: number): number {
  if (zeros === undefined) return 2 ** (bits - 1);
  const step = zeros[1] - zeros[0];
  const at = Math.round((wished - zeros[0]) / step);
  return zeros[Math.min(zeros.length - 1, Math.max(0, at))];
}
