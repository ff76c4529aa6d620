import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import type { CutGroup } from '../../../cuts/group.ts';
import { findNeurons } from '../../../cuts/neurons.ts';
import type { Method, Skipped, StepPlan } from '../../contract.ts';
import { widthsBytes } from '../structured/answer-bytes.ts';
import { planCutStep } from '../structured/cut-step.ts';
import { decideWidths } from './decide.ts';
import { meta, type FfnNeuronsOptions } from './meta.ts';
import { widthsOf } from './widths.ts';

/**
 * Structured pruning of feed-forward neurons: of y = σ(x·W_upᵀ)·W_downᵀ (gated or not) the rows of W_up, W_gate and
 * their biases and the columns of W_down that score lowest go; what is left of W_down (and its bias) makes up for them.
 * Sources: FLAP (An et al. 2023), 2SSP (Sandri et al. 2025), ZipLM (Kurtic et al. 2023); see `structured/`.
 */
export const ffnNeurons: Method<FfnNeuronsOptions> = {
  meta,
  plan: async (ground, targets, options) => {
    const { groups, skipped } = findNeurons(ground.model, ground.anatomy, targets);
    const made = planCutStep({ ground, cuts: widthsOf(groups, options), options, meta });
    const open = options.scope === 'global' && options.widths === undefined && groups.length > 0;
    return {
      ...made,
      skipped: [
        ...skipped,
        ...made.skipped,
        ...undecided(groups, options),
        ...unrecognised(ground.anatomy, targets),
      ],
      ...unevenWidths(made),
      ...(open && { undecided: widthsBytes(groups) }),
    };
  },
  decide: decideWidths,
};

/** Groups that the decided widths do not know. */
function undecided(groups: readonly CutGroup[], { widths }: FfnNeuronsOptions): Skipped[] {
  if (widths === undefined) return [];
  return groups
    .filter(({ name }) => widths[name] === undefined)
    .map(({ name }) => ({
      name,
      reason: `"${name}" was not there when the widths were decided, so it was left as it is; clear "widths" to decide again.`,
    }));
}

/** Targets that have nothing to do with any feed-forward part, where there is no such part at all; and blocks without one. */
function unrecognised({ blocks }: Anatomy, targets: readonly Layer[]): Skipped[] {
  const down = targets.filter(({ role }) => role === 'down');
  if (down.length === 0 && blocks.length === 0) return targets.map(notFeedForward);
  const has = new Set(down.map(({ stack, block }) => `${stack} ${block}`));
  const chosen = new Set(targets.map(({ stack, block }) => `${stack} ${block}`));
  return blocks
    .map(({ stack, index }) => ({ key: `${stack} ${index}`, name: `${stack} block ${index}` }))
    .filter(({ key }) => chosen.has(key) && !has.has(key))
    .map(({ name }) => ({
      name,
      reason: `No down projection of a feed-forward part was found among the chosen layers of ${name}, so its neurons stay.`,
    }));
}

function notFeedForward({ name }: Layer): Skipped {
  return {
    name,
    reason: `"${name}" belongs to no feed-forward part that was recognised, so there are no neurons of it to remove.`,
  };
}

/** Loaders of the original architecture read one width for all blocks. */
function unevenWidths({ anatomy, work }: StepPlan): Pick<StepPlan, 'warnings'> {
  const uneven = (['encoder', 'decoder'] as const)
    .map((own) => anatomy?.blocks.filter(({ stack }) => stack === own) ?? [])
    .map((blocks) => blocks.map(({ feedForwardWidth }) => feedForwardWidth))
    .find((widths) => new Set(widths).size > 1);
  if (work.length === 0 || uneven === undefined) return {};
  return {
    warnings: [
      `The blocks come out with unequal widths (${uneven.join(', ')} neurons). ONNX runtimes do not mind, but config.json has room for one width, so weights taken out of this file do not load as the original architecture.`,
    ],
  };
}
