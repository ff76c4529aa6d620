import type { GptqOptions, GptqProblem } from './gptq-problem.ts';
import { encode } from './rtn-oracle.ts';
import { maxCode } from './uniform.ts';

export interface QronosOptions extends GptqOptions {
  /** Share of the earlier layers' error that is corrected: 1 in the paper, 0 is GPTQ. */
  readonly alpha?: number;
}

/** What both ways of computing start from. */
export interface QronosProblem extends GptqProblem {
  /** W·(G − H)·alpha, [rows, columns]: what the float path has and the compressed path lacks. */
  readonly lacking: Float32Array;
}

/** The best real weights for the compressed path. */
export interface Target {
  /** W* = W + lacking·(H + λI)⁻¹, [rows, columns]. */
  readonly values: Float32Array;
  /** The row of (H + λI)⁻¹ that belongs to the first column worked on. */
  readonly inverseRow: Float32Array;
  readonly damping: number;
}

/** H_ij, with 1 on the diagonal where a column was never active. */
export function entryOf({ columns, dead }: GptqProblem, h: Float32Array) {
  return (i: number, j: number): number => (i === j && dead[i] === 1 ? 1 : h[i * columns + j]);
}

/**
 * The paper's first step: the first column becomes the code that corrects most while all others are as they were,
 * (w·G₀ − Σ_{j>0} w_j·H_j0) / H₀₀ rounded, and the others follow as best they can. Changes `target.values`. Where grids
 * are found on the way none is known yet, and the first column is rounded like all others, from W*.
 */
export function settleFirst(
  { values, inverseRow }: Target,
  weight: Float32Array,
  h: Float32Array,
  problem: QronosProblem,
  options: QronosOptions,
): void {
  const { rows, columns, order, dead, groups, groupOf, grids, lacking } = problem;
  const [first] = order;
  if (grids === undefined || dead[first] === 1) return;
  const range = grids.zeros instanceof Float32Array ? 'signed-max' : options.range;
  for (let r = 0; r < rows; r++) {
    const at = r * columns + first;
    const wanted = weight[at] + lacking[at] / h[first * (columns + 1)];
    const [scale, zero] = [grids.scales, grids.zeros].map((each) => each[r * groups + groupOf[0]]);
    const code = encode(Math.fround(wanted), { scale, zero }, range, maxCode(options.bits));
    const moved = scale * (code - zero) - values[at];
    const row = values.subarray(r * columns, (r + 1) * columns);
    for (let j = 0; j < columns; j++) row[j] += (moved * inverseRow[j]) / inverseRow[first];
    // WHY set once more: exactly on the grid, nothing is left for the sweep to move on.
    values[at] = scale * (code - zero);
  }
}
