import { blockCount, eachBlock, largestMagnitudes, type Blocks } from '../blocks.ts';
import type { Objective } from './nested-code.ts';
import { nearestCode, position, reach } from './nested-grid.ts';

/** Shares of the whole range that are tried with `mse`. */
const SHARES = Array.from({ length: 25 }, (_, k) => 1 - k / 40);

/**
 * One scale for each block and all widths: s = max|w| / (1 − 2^−parent), or with `mse` that times the share ρ, of 25 from
 * 1 to 0.4, with the least Σ_n λ_n·Σ_j m_j·(w_j − s·v_n)². m: `importance` of columns, else 1. Throws `weight-not-finite`.
 */
export function nestedScales(
  values: Float32Array,
  blocks: Blocks,
  goal: Objective,
  clip: 'none' | 'mse',
  importance?: Float32Array,
): Float32Array {
  const scales = largestMagnitudes(values, blocks).map((most) => most / reach(goal.parent));
  if (clip === 'none') return scales;
  const found = new Float32Array(blockCount(values.length, blocks));
  eachBlock(values.length, blocks, (from, end, block) => {
    let least = Infinity;
    for (const share of SHARES) {
      const scale = Math.fround(share * scales[block]);
      const error = errorOf(values, { from, end }, scale, goal, (i) =>
        importance === undefined ? 1 : importance[i % blocks.columns],
      );
      if (error >= least) continue;
      least = error;
      found[block] = scale;
    }
  });
  return found;
}

function errorOf(
  values: Float32Array,
  { from, end }: { readonly from: number; readonly end: number },
  scale: number,
  { parent, widths, weights }: Objective,
  importance: (i: number) => number,
): number {
  let error = 0;
  for (let i = from; i < end; i++) {
    const at = position(values[i], scale, parent);
    const code = nearestCode(at, parent);
    let sum = 0;
    for (let k = 0; k < widths.length; k++) {
      const step = 2 ** (parent - widths[k]);
      const off = at - (Math.floor(code / step) * step + (step - 1) / 2);
      sum += weights[k] * off * off;
    }
    error += importance(i) * sum;
  }
  return error * scale * scale;
}
