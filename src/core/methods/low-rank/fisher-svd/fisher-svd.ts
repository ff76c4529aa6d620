import type { z } from 'zod';
import { inputOf } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { LayerWeight } from '../../contract.ts';
import { rightBasis } from '../factorise.ts';
import { lowRankMethod } from '../low-rank-method.ts';
import { meta, type options as schema } from './meta.ts';

export type FisherSvdOptions = z.infer<typeof schema>;

/**
 * FWSVD (Hsu et al. 2022): with I = diag(√Σ_j F_ij), F the empirical Fisher information of the weights, Ŵ = I⁻¹·(I·W)_r. It
 * equals W·V_r·V_rᵀ for the right singular vectors V of I·W, so that rows of no importance need no care.
 */
export const fisherSvd = lowRankMethod<FisherSvdOptions>(meta, {
  take: 'weight gradient',
  basis: (weight, seen) => {
    const { outFeatures, inFeatures } = weight.layer;
    const roots = requireRows(seen, weight).map(Math.sqrt);
    const scaled = Float64Array.from(
      weight.values,
      (value, i) => value * roots[Math.floor(i / inFeatures)],
    );
    return rightBasis(scaled, outFeatures, inFeatures);
  },
});

/**
 * Fisher information summed over each row; 1 where no gradient reached the layer, which leaves the plain SVD. Throws
 * `statistics-missing`, `statistics-mismatch`.
 */
function requireRows(seen: Seen, { layer }: LayerWeight): Float64Array {
  const found = seen.at(inputOf(layer), 'weight gradient');
  if (found === undefined) {
    throw new LatheError(
      'statistics-missing',
      `${meta.title} needs calibration data with labels to know how much the rows of "${layer.name}" matter, and none was given; add calibration data or choose a method that needs none.`,
      { layer: layer.name },
    );
  }
  if (found.rows.length !== layer.outFeatures) {
    throw new LatheError(
      'statistics-mismatch',
      `The gradients for "${layer.name}" cover ${found.rows.length} rows, but its weight has ${layer.outFeatures}; collect them again for this model.`,
      { layer: layer.name },
    );
  }
  return found.rows.some((value) => value > 0) ? found.rows : found.rows.map(() => 1);
}
