import type { z } from 'zod';
import { scheduledPruning } from '../scheduled/scheduled-method.ts';
import { meta, type options as schema } from './meta.ts';

export type GradualOptions = z.infer<typeof schema>;

/**
 * Gradual magnitude pruning (Zhu & Gupta 2017): W∘M is trained by AdamW, and every Δt steps M becomes all but the share
 * s_t = s_f + (sᵢ − s_f)·(1 − (t − t₀)/(nΔt))³ of smallest |w|. What is masked gets no gradient and keeps its value,
 * so it is back as soon as it is no longer among the smallest; what is masked at the end is zero.
 */
export const gradual = scheduledPruning<GradualOptions>(meta, {
  by: 'magnitude',
  initial: ({ initialSparsity }) => initialSparsity,
});
