import type { z } from 'zod';
import { scheduledPruning } from '../scheduled/scheduled-method.ts';
import { meta, type options as schema } from './meta.ts';

export type MovementOptions = z.infer<typeof schema>;

/**
 * Movement pruning (Sanh et al. 2020): W∘M is trained by AdamW; beside it S ← S − η·W∘∂L/∂(W∘M) grows for weights that
 * move away from zero, masked or not (straight through the mask), and every Δt steps M becomes all but the share s_t of
 * smallest S, along the cubic schedule from 0 on; of equal scores the first go.
 */
export const movement = scheduledPruning<MovementOptions>(meta, {
  by: 'movement',
  initial: () => 0,
});
