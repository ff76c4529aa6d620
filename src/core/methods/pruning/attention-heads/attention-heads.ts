import type { Layer } from '../../../anatomy/types.ts';
import type { Method, Skipped } from '../../contract.ts';
import { planCutStep } from '../structured/cut-step.ts';
import { columnOptions } from './column-options.ts';
import { headCuts } from './chosen.ts';
import { decideHeads, undecidedBytes } from './decide.ts';
import { meta, type AttentionHeadsOptions } from './meta.ts';

/**
 * Structured pruning of attention heads: of y = concat_h(softmax(q_h·k_hᵀ/√d)·v_h)·W_Oᵀ the heads h that score lowest go
 * with their columns of W_O, their rows of W_Q, W_K, W_V (with grouped queries: keys and values only with all their
 * queries), their biases and their part of the cache; what is left of W_O makes up for them. Which heads go is decided
 * before the run and written into the options (Michel et al. 2019, §2.2–4).
 */
export const attentionHeads: Method<AttentionHeadsOptions> = {
  meta,
  plan: async (ground, targets, options) => {
    const { cuts, kept, skipped } = headCuts(ground, targets, options);
    const own = columnOptions(options, kept !== undefined);
    const made = planCutStep({ ground, cuts, options: own, meta, ...(kept && { chosen: kept }) });
    const open = kept === undefined && made.work.length > 0;
    return {
      ...made,
      skipped: [...skipped, ...made.skipped, ...unrecognised(targets)],
      ...(open && { undecided: undecidedBytes(cuts, ground.anatomy) }),
    };
  },
  decide: decideHeads,
};

/** Targets among which there is no attention. */
function unrecognised(targets: readonly Layer[]): Skipped[] {
  if (targets.some(({ role }) => role === 'attention-output')) return [];
  return targets.map(({ name }) => ({
    name,
    reason: `"${name}" belongs to no attention whose output projection was recognised among the chosen layers, so there are no heads of it to remove.`,
  }));
}
