import { eachBlock, largestMagnitudes, type Blocks } from '../blocks.ts';
import type { Objective } from './nested-code.ts';
import { reach } from './nested-grid.ts';

/** Shares of the whole range that are tried with `mse`. */
const SHARES = Array.from({ length: 25 }, (_, k) => 1 - k / 40);

/**
 * One scale for each block and all widths: s = max|w| / (1 − 2^−parent), or with `mse` that times the share ρ, of 25 from
 * 1 to 0.4, with the least Σ_n λ_n·Σ_j (w_j − s·v_n)² of the nearest codes. Throws `weight-not-finite`.
 */
export function nestedScales(
  values: Float32Array,
  blocks: Blocks,
  goal: Objective,
  clip: 'none' | 'mse',
): Float32Array {
  const scales = largestMagnitudes(values, blocks).map((most) => most / reach(goal.parent));
  if (clip === 'none') return scales;
  const errorOf = errors(goal);
  eachBlock(values.length, blocks, (from, end, block) => {
    const whole = scales[block];
    let least = Infinity;
    for (const share of SHARES) {
      const scale = Math.fround(share * whole);
      const error = errorOf(values, from, end, scale);
      if (error >= least) continue;
      least = error;
      scales[block] = scale;
    }
  });
  return scales;
}

/** Σ_n λ_n·Σ_j (w_j − s·v_n)² of the nearest codes of values [from, end). */
function errors({ parent, widths, weights }: Objective) {
  const [half, top] = [2 ** (parent - 1), 2 ** parent - 1];
  const shifts = widths.map((bits) => parent - bits);
  const middles = shifts.map((shift) => (2 ** shift - 1) / 2);
  return (values: Float32Array, from: number, end: number, scale: number): number => {
    if (scale === 0) return 0;
    let error = 0;
    for (let i = from; i < end; i++) {
      const at = (values[i] / scale + 1) * half - 0.5;
      const code = Math.min(top, Math.max(0, Math.floor(at + 0.5)));
      for (let k = 0; k < shifts.length; k++) {
        const off = at - (((code >> shifts[k]) << shifts[k]) + middles[k]);
        error += weights[k] * off * off;
      }
    }
    return error * (scale / half) ** 2;
  };
}
