import type { CutGroup } from '../../../cuts/group.ts';
import type { Method, Skipped } from '../../contract.ts';
import { widthsBytes } from '../structured/answer-bytes.ts';
import { planCutStep } from '../structured/cut-step.ts';
import { cutsOf, groupsOf } from './groups.ts';
import { meta, type UnevenWidthsOptions } from './meta.ts';
import { rankedWidths } from './rank.ts';

/**
 * Heads h of y = concat_h(…)·W_Oᵀ and neurons j of y = σ(x·W_upᵀ)·W_downᵀ of all blocks in one list, each by its score over
 * the mean and deviation of its layer's: S̃ = (S − E S)/√Var S. The lowest go until the share of the bytes is gone.
 * @see An et al. 2023 (FLAP), §3.3, with all of this project's scores and compensations
 */
export const unevenWidths: Method<UnevenWidthsOptions> = {
  meta,
  plan: async (ground, targets, options) => {
    const { groups, skipped } = groupsOf(ground, targets);
    const made = planCutStep({ ground, cuts: cutsOf(groups, options), options, meta });
    const open = options.widths === undefined;
    return {
      ...made,
      skipped: [...skipped, ...made.skipped, ...strangers(groups, options)],
      ...(!open && { warnings: [UNEVEN] }),
      ...(open && { undecided: widthsBytes(groups) }),
    };
  },
  decide: async (ground, targets, options, ask) => {
    if (options.widths !== undefined) return undefined;
    const { groups } = groupsOf(ground, targets);
    return { ...options, widths: await rankedWidths(ground, groups, options, ask) };
  },
};

const UNEVEN =
  'The blocks come out with unequal numbers of heads and neurons. ONNX runtimes do not mind, but config.json has room for one number of each, so weights taken out of this file do not load as the original architecture.';

/** Groups that the decided widths do not know. */
function strangers(groups: readonly CutGroup[], { widths }: UnevenWidthsOptions): Skipped[] {
  if (widths === undefined) return [];
  return groups
    .filter(({ name }) => widths[name] === undefined)
    .map(({ name }) => ({
      name,
      reason: `"${name}" was not there when the widths were decided, so it was left as it is; clear "widths" to decide again.`,
    }));
}
