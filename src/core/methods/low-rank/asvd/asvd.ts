import type { z } from 'zod';
import { requireSeen } from '../../require-seen.ts';
import { leftBasis } from '../factorise.ts';
import { lowRankMethod } from '../low-rank-method.ts';
import { meta, type options as schema } from './meta.ts';

export type AsvdOptions = z.infer<typeof schema>;

/** Keeps channels that never fire apart from zero, relative to the mean of all scales (the reference's 1e-6). */
const LEAST = 1e-6;

/**
 * ASVD (Yuan et al. 2023): Ŵ = (W·S)_r·S⁻¹ with S = diag(mean_r |X_rj|^α + ε), which equals U_r·U_rᵀ·W for the left singular
 * vectors U of W·S.
 */
export const asvd = lowRankMethod<AsvdOptions>(meta, {
  take: 'mean',
  sequential: ({ sequential }) => sequential,
  basis: (weight, seen, { alpha }) => {
    const { outFeatures, inFeatures } = weight.layer;
    const { magnitudes } = requireSeen(seen, 'mean', weight, meta);
    const scales = Float64Array.from(magnitudes, (size) => size ** alpha + LEAST);
    const scaled = Float64Array.from(weight.values, (value, i) => value * scales[i % inFeatures]);
    return leftBasis(scaled, outFeatures, inFeatures);
  },
});
