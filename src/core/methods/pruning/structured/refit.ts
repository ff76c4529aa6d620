import type { MethodContext } from '../../contract.ts';
import { shiftsBias } from './looks.ts';
import { beginElimination, eliminateCheapest, eliminateChosen } from './obs.ts';
import type { ColumnOptions } from './options.ts';
import { factorOf, taken, transposedWeight, type ColumnProblem } from './problem.ts';
import { unitScores } from './scores.ts';
import { columnsOf, highest, without } from './units.ts';

/** What is left of a projection. */
export interface ColumnCut {
  /** The units that stay, ascending. */
  readonly kept: readonly number[];
  /** W over their columns, refitted where asked for: [out, kept·size]. */
  readonly values: Float32Array;
  /** To be added to the bias, [out]; absent where the compensation leaves it alone ({@link shiftsBias}). */
  readonly shift?: Float32Array;
}

/**
 * Cuts a projection down to `keep` units (a multiple of the strata, or the units themselves), with Ŵ over the columns that stay:
 * - none, mean: Ŵ = W_K;
 * - least-squares: Ŵ = W_K + W_R·H_RK·(H_KK + λI)⁻¹ for the units R of lowest score, i.e. the least of ‖WXᵀ − ŴX_Kᵀ‖² + λ‖Ŵ − W_K‖²;
 * - obs: the same, R chosen one by one ({@link eliminateCheapest}).
 * With a shift b += (W − Ŵ)·mean(X), and H is then about the means, so that W and b are refitted together. Float64.
 * Throws as {@link unitScores}.
 */
export function cutColumns(
  problem: ColumnProblem,
  options: ColumnOptions,
  keep: number | readonly number[],
  context: Pick<MethodContext, 'signal' | 'progress'> = {},
): ColumnCut {
  const { weight, units } = problem;
  const columns = transposedWeight(weight);
  const kept = refitted(columns, problem, options, keep, context);
  const values = gather(columns, weight.layer.outFeatures, columnsOf(kept, units));
  if (!shiftsBias(options)) return { kept, values };
  return { kept, values, shift: shiftOf(problem, columnsOf(kept, units), values) };
}

/** Changes `columns`, and says which units stay. */
function refitted(
  columns: Float64Array,
  problem: ColumnProblem,
  options: ColumnOptions,
  keep: number | readonly number[],
  context: Pick<MethodContext, 'signal' | 'progress'>,
): number[] {
  const { weight, units } = problem;
  const start = () =>
    beginElimination(columns, weight.layer.outFeatures, units, factorOf(problem, options));
  if (options.compensation === 'obs' && typeof keep === 'number') {
    const gone = eliminateCheapest(start(), keep, context);
    return without(gone, units);
  }
  const kept =
    typeof keep === 'number'
      ? highest(unitScores(problem, options), keep, units.strata)
      : [...keep];
  if (options.compensation === 'least-squares' || options.compensation === 'obs') {
    eliminateChosen(start(), without(kept, units), context);
  }
  return kept;
}

/** W over some columns, [out, chosen], from Wᵀ. */
function gather(columns: Float64Array, outFeatures: number, chosen: Int32Array): Float32Array {
  const out = new Float32Array(outFeatures * chosen.length);
  chosen.forEach((j, i) => {
    for (let r = 0; r < outFeatures; r++) out[r * chosen.length + i] = columns[j * outFeatures + r];
  });
  return out;
}

/** (W − Ŵ)·m, [out]. */
function shiftOf(problem: ColumnProblem, kept: Int32Array, values: Float32Array): Float32Array {
  const { layer, values: before } = problem.weight;
  const means = taken(problem, 'mean').values;
  return Float32Array.from({ length: layer.outFeatures }, (_, r) => {
    let sum = 0;
    for (let j = 0; j < layer.inFeatures; j++) sum += before[r * layer.inFeatures + j] * means[j];
    for (let i = 0; i < kept.length; i++) sum -= values[r * kept.length + i] * means[kept[i]];
    return sum;
  });
}
