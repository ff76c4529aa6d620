import type { LayerWeight } from '../../contract.ts';
import type { ColumnOptions, ColumnScore } from './options.ts';
import { factorOf, taken, transposedWeight, type ColumnProblem } from './problem.ts';
import type { Units } from './units.ts';
import { beginElimination, unitErrors } from './obs.ts';

/**
 * How much each unit matters, [count]; the lowest go. Of X, what the projection W multiplies, and per unit S:
 * - magnitude: √(Σ w²) over the unit's columns of W and all weights coupled to it;
 * - activation: ‖X_S‖₂ over all rows (2SSP takes the mean of ‖X_S‖₂ over samples: {@link meanOverSamples});
 * - fluctuation: Σ_{j∈S} Var(X_j)·‖W_:j‖² (FLAP's WIFV);
 * - taylor, fisher: Σ_{j∈S} of the gradient's sums, per window;
 * - reconstruction: tr(W_S·([H⁻¹]_SS)⁻¹·W_Sᵀ), what remains of the error when all others make up for S. Structured OBS
 *   ranks by this one.
 * Throws `statistics-missing`, `statistics-mismatch`, `moments-singular`.
 */
export function unitScores(problem: ColumnProblem, options: ColumnOptions): Float64Array {
  const score = options.compensation === 'obs' ? 'reconstruction' : options.score;
  return score === 'reconstruction' ? reconstruction(problem, options) : SCORES[score](problem);
}

/** 2SSP (Sandri et al. 2025): the mean over samples of the norms that a unit has in each. */
export function meanOverSamples(samples: readonly ArrayLike<number>[]): Float64Array {
  const { length } = samples[0];
  return Float64Array.from({ length }, (_, u) =>
    samples.reduce((sum, norms) => sum + norms[u] / samples.length, 0),
  );
}

const SCORES: Readonly<
  Record<Exclude<ColumnScore, 'reconstruction'>, (problem: ColumnProblem) => Float64Array>
> = {
  magnitude: ({ weight, units, coupled }) => {
    const sums = perUnit(columnSquares(weight), units);
    for (const { weight: other, unitOf } of coupled) addRowSquares(sums, other, unitOf);
    return sums.map(Math.sqrt);
  },
  activation: (problem) => {
    const { values } = taken(problem, 'norms');
    return perUnit(
      values.map((norm) => norm * norm),
      problem.units,
    ).map(Math.sqrt);
  },
  fluctuation: (problem) => {
    const { variances } = taken(problem, 'mean');
    const squares = columnSquares(problem.weight);
    return perUnit(
      squares.map((square, j) => square * variances[j]),
      problem.units,
    );
  },
  taylor: (problem) => perUnit(taken(problem, 'gradient').taylor, problem.units),
  fisher: (problem) => perUnit(taken(problem, 'gradient').fisher, problem.units),
};

function reconstruction(problem: ColumnProblem, options: ColumnOptions): Float64Array {
  const { weight, units } = problem;
  const factor = factorOf(problem, options);
  return unitErrors(
    beginElimination(transposedWeight(weight), weight.layer.outFeatures, units, factor),
  );
}

function addRowSquares(
  sums: Float64Array,
  { layer, values }: LayerWeight,
  unitOf: Int32Array,
): void {
  const { inFeatures } = layer;
  unitOf.forEach((unit, row) => {
    if (unit < 0) return;
    for (let i = row * inFeatures; i < (row + 1) * inFeatures; i++)
      sums[unit] += values[i] * values[i];
  });
}

/** ‖W_:j‖², [in]. */
function columnSquares({ layer, values }: ColumnProblem['weight']): Float64Array {
  const { inFeatures } = layer;
  const squares = new Float64Array(inFeatures);
  for (let start = 0; start < values.length; start += inFeatures)
    for (let j = 0; j < inFeatures; j++) squares[j] += values[start + j] * values[start + j];
  return squares;
}

/** Sums over the columns of each unit. */
function perUnit(columns: ArrayLike<number>, { count, size }: Units): Float64Array {
  const sums = new Float64Array(count);
  for (let j = 0; j < count * size; j++) sums[Math.floor(j / size)] += columns[j];
  return sums;
}
