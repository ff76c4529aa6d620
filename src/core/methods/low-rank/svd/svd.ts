import type { z } from 'zod';
import { leftBasis, rightBasis } from '../factorise.ts';
import { lowRankMethod } from '../low-rank-method.ts';
import { meta, type options as schema } from './meta.ts';

export type SvdOptions = z.infer<typeof schema>;

/**
 * W = U·Σ·Vᵀ, Ŵ = U_r·Σ_r·V_rᵀ: the matrix of rank r with least ‖W − Ŵ‖ (Eckart & Young 1936), by projecting W on its leading
 * singular vectors of the shorter side. Baseline of the other low-rank methods.
 */
export const svd = lowRankMethod<SvdOptions>(meta, {
  basis: ({ layer: { outFeatures, inFeatures }, values }) =>
    (inFeatures <= outFeatures ? rightBasis : leftBasis)(values, outFeatures, inFeatures),
});
