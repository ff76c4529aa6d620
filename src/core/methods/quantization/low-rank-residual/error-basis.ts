import { requireSeen } from '../../require-seen.ts';
import type { InputLook, LayerWeight } from '../../contract.ts';
import { leftBasis, whitenedBasis, type Basis } from '../../low-rank/factorise.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { Take } from '../../../statistics/take.ts';
import { meta, type LowRankResidualOptions } from './meta.ts';

/** Channels that are never fed count as this share of the loudest (LQER's floor, made relative). */
const LEAST = 1e-4;

/** What a basis has to know of the layer's input. */
export const TAKES: Readonly<Record<LowRankResidualOptions['basis'], Take | undefined>> = {
  weights: undefined,
  scaled: 'mean',
  moments: 'moments',
};

/** What the codes and the correction look at, together. */
export function lookOf(
  basis: LowRankResidualOptions['basis'],
  codes: { readonly feedsBack: boolean },
): InputLook | undefined {
  const own = TAKES[basis];
  const take = new Set<Take>([
    ...(own ? [own] : []),
    ...(codes.feedsBack ? ['moments' as const] : []),
  ]);
  return take.size === 0 ? undefined : { take: [...take], sequential: codes.feedsBack };
}

/**
 * Directions of the outputs in which the error E = W − Q [rows, columns] is largest: left singular vectors U of E·S, where
 * S = I (LoRC), diag(mean|x_j|) (LQER) or H^½, H = XᵀX (EoRA). The best rank-r correction is U_r·U_rᵀ·E.
 *
 * WHY not (E·S)_r·S⁻¹, as both papers write it: that is the same matrix, and needs no inverse. EoRA has to drop the eigenvalues of
 * H that are next to zero, because their inverse roots explode; here directions that were never fed have no say in U, and
 * ‖U_r·U_rᵀ·E‖ ≤ ‖E‖ whatever H is. Throws `statistics-missing`, `statistics-mismatch`.
 */
export function errorBasis(
  error: Float32Array,
  weight: LayerWeight,
  seen: Seen,
  basis: LowRankResidualOptions['basis'],
): Basis {
  const { outFeatures: rows, inFeatures: columns } = weight.layer;
  switch (basis) {
    case 'weights':
      return leftBasis(error, rows, columns);
    case 'scaled':
      return scaledBasis(error, requireSeen(seen, 'mean', weight, meta).magnitudes, rows);
    case 'moments':
      return whitenedBasis(error, requireSeen(seen, 'moments', weight, meta).values, rows, columns);
  }
}

/** Left singular vectors of E·diag(s), s floored at 1e-4 of its largest. */
export function scaledBasis(error: Float32Array, scales: Float32Array, rows: number): Basis {
  const least = LEAST * scales.reduce((a, b) => Math.max(a, b), 0);
  const floored = Float64Array.from(scales, (scale) => Math.max(scale, least));
  const columns = scales.length;
  const scaled = Float64Array.from(error, (value, i) => value * floored[i % columns]);
  return leftBasis(scaled, rows, columns);
}
