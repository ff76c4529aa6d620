import { requireSeen } from '../../require-seen.ts';
import type { LayerWeight, MethodMeta } from '../../contract.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { ResultOf, Take } from '../../../statistics/take.ts';
import { inverseFactor, type InverseFactor } from './gram.ts';
import { shiftsBias } from './looks.ts';
import type { ColumnOptions } from './options.ts';
import type { Coupled, Units } from './units.ts';

/** A projection y = x·Wᵀ (+ b) of which units of columns go. */
export interface ColumnProblem {
  readonly weight: LayerWeight;
  readonly units: Units;
  /** The other weights that lose the unit with it. */
  readonly coupled: readonly Coupled[];
  /** What was seen of the projection's input: {@link takesOf}. */
  readonly seen: Seen;
  /** Whose title refusals carry. */
  readonly meta: Pick<MethodMeta, 'title'>;
}

/** What was seen of the projection's input. Throws `statistics-missing`, `statistics-mismatch`. */
export function taken<T extends Take>({ seen, weight, meta }: ColumnProblem, take: T): ResultOf<T> {
  return requireSeen(seen, take, weight, meta);
}

/** H⁻¹ of the projection's input, about the means where the bias is refitted too. */
export function factorOf(problem: ColumnProblem, options: ColumnOptions): InverseFactor {
  const means = shiftsBias(options) ? taken(problem, 'mean').values : undefined;
  return inverseFactor(taken(problem, 'moments'), options.damping, means);
}

/** Wᵀ in float64. */
export function transposedWeight({ layer, values }: LayerWeight): Float64Array {
  const { outFeatures, inFeatures } = layer;
  const out = new Float64Array(values.length);
  for (let r = 0; r < outFeatures; r++)
    for (let j = 0; j < inFeatures; j++) out[j * outFeatures + r] = values[r * inFeatures + j];
  return out;
}
