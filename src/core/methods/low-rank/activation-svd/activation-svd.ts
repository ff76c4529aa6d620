import type { z } from 'zod';
import { requireSeen } from '../../require-seen.ts';
import { whitenedBasis } from '../factorise.ts';
import { lowRankMethod } from '../low-rank-method.ts';
import { meta, type options as schema } from './meta.ts';

export type ActivationSvdOptions = z.infer<typeof schema>;

/**
 * SVD-LLM (Wang et al. 2024): with XᵀX = H = S·Sᵀ and W·S = U·Σ·Vᵀ, Ŵ = (W·S)_r·S⁻¹ has the least ‖(W − Ŵ)Xᵀ‖ of all matrices
 * of rank r, the root of the sum of the squared singular values that are cut. It equals U_r·U_rᵀ·W, which needs no inverse.
 */
export const activationSvd = lowRankMethod<ActivationSvdOptions>(meta, {
  take: 'moments',
  sequential: ({ sequential }) => sequential,
  basis: (weight, seen) => {
    const { outFeatures, inFeatures } = weight.layer;
    const h = requireSeen(seen, 'moments', weight, meta);
    return whitenedBasis(weight.values, h.values, outFeatures, inFeatures);
  },
});
