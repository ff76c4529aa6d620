import type { Gate } from '../../../ablation/types.ts';
import { recogniseStored } from '../../../anatomy/recognise-stored.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { ablationOf } from '../../../cuts/depth/ablation.ts';
import { cutDepth } from '../../../cuts/depth/cut-depth.ts';
import { findNeurons } from '../../../cuts/neurons.ts';
import type { GroupCut } from '../../../cuts/plan.ts';
import type { Ground, Method, Oracle, Skipped, StepPlan } from '../../contract.ts';
import { dropCheapest } from '../measured/drop-cheapest.ts';
import { canGo, cutOf, partsThatCanGo, stackOf, type Part } from '../measured/parts.ts';
import { placesBytes } from '../structured/answer-bytes.ts';
import { planCutStep } from '../structured/cut-step.ts';
import { budgetOf, sizesOf } from './budget.ts';
import { meta, type TwoStageOptions } from './meta.ts';
import { neuronGates } from './neurons.ts';
import { noParts, requireAttentions, tooFewAttentions } from './problems.ts';
import { widthsOf } from './widths.ts';

/**
 * A share s of a stack's blocks goes: N = round(L·s^((p_ffn/p_att)/α)) attentions, each time the one without which
 * KL(whole ‖ what is left) is least, and for the rest neurons of lowest ‖h‖₂ in front of the down projections, equally many
 * of each block, so that one width is left.
 * @see Sandri et al. 2025 (2SSP), algorithm 1
 */
export const twoStage: Method<TwoStageOptions> = {
  meta,
  plan: async (ground, targets, options) => {
    const { attentions, able, cuts, skipped } = stages(ground, targets, options);
    const given = options.attention && requireAttentions(able, options.attention);
    // Whatever is decided, at least as many bytes go as with the smallest.
    const smallest = [...able].sort((a, b) => a.saved - b.saved).slice(0, attentions);
    const made = await planOf(ground, given ?? smallest, cuts, options);
    const open = given === undefined && attentions > 0;
    return {
      ...made,
      skipped: [...skipped, ...made.skipped],
      ...(open && { undecided: placesBytes(['attention'], attentions) }),
    };
  },
  decide: (ground, targets, options, ask) => decide(ground, targets, options, ask),
};

interface Stages {
  readonly attentions: number;
  readonly able: readonly Part[];
  readonly cuts: readonly GroupCut[];
  readonly skipped: readonly Skipped[];
}

/** How much of what can go. Throws `no-blocks`, `parts-too-many`, `ratio-empties`. */
function stages(ground: Ground, targets: readonly Layer[], options: TwoStageOptions): Stages {
  const { model, anatomy } = ground;
  const { ratio, alpha, stack } = options;
  const blocks = stackOf(anatomy, options);
  const inside = new Set(blocks.map(({ index }) => index));
  const { groups, skipped } = findNeurons(
    model,
    anatomy,
    targets.filter(({ block }) => inside.has(block ?? -1)),
  );
  const kinds = ['attention', 'feed-forward'] as const;
  const parts = partsThatCanGo(ground, targets, { kinds, stack, protectFirst: 0, protectLast: 0 });
  const able = parts.able.filter(({ kind }) => kind === 'attention');
  if (able.length === 0 || groups.length === 0) throw noParts(skipped[0]?.reason);
  const { attentions, neurons } = budgetOf(sizesOf(blocks.length, parts.able), ratio, alpha);
  if (attentions > able.length) throw tooFewAttentions(ratio, attentions, able.length);
  const cuts = widthsOf(groups, neurons, options);
  const left = parts.skipped.filter(({ name }) => name.startsWith('attention'));
  return { attentions, able, cuts, skipped: [...skipped, ...left] };
}

/** Narrower feed-forward parts first, then without the attentions: the run fills what is left of the former. */
async function planOf(
  ground: Ground,
  dropped: readonly Pick<Part, 'kind' | 'block'>[],
  cuts: readonly GroupCut[],
  options: TwoStageOptions,
): Promise<StepPlan> {
  const narrow = planCutStep({ ground, cuts, options, meta });
  if (dropped.length === 0) return narrow;
  const model = cutDepth(narrow.model, narrow.anatomy ?? ground.anatomy, cutOf(dropped));
  return { ...narrow, model, anatomy: await recogniseStored(model) };
}

async function decide(
  ground: Ground,
  targets: readonly Layer[],
  options: TwoStageOptions,
  ask: Oracle<TwoStageOptions>,
): Promise<TwoStageOptions | undefined> {
  if (options.attention !== undefined) return undefined;
  const { attentions, able, cuts } = stages(ground, targets, options);
  if (attentions === 0) return undefined;
  const neurons: readonly Gate[] = await neuronGates(ground, cuts, options, ask);
  const { model, anatomy } = ground;
  const dropped = await dropCheapest(
    {
      parts: able,
      count: attentions,
      without: (parts) => ({
        gates: [...neurons, ...ablationOf(model.graph, anatomy, cutOf(parts)).gates],
      }),
      possible: (parts) => canGo(ground, parts),
    },
    ask,
  );
  const attention = dropped.map(({ block }) => block).sort((a, b) => a - b);
  return { ...options, attention };
}
