import { recogniseStored } from '../../../anatomy/recognise-stored.ts';
import type { Layer } from '../../../anatomy/types.ts';
import type { CompanionsRule } from '../../../companions/types.ts';
import { cutDepth } from '../../../cuts/depth/cut-depth.ts';
import type { Ground, Method, Oracle, Skipped, StepPlan } from '../../contract.ts';
import { withoutLayerEntries } from '../../../companions/layer-lists.ts';
import { candidatesOf, type Candidate } from './candidates.ts';
import { chosenBlocks, requireBlocks, wantedCount } from './choose.ts';
import { cutOf } from './cut-of.ts';
import { placesBytes } from '../structured/answer-bytes.ts';
import { meta, type BlocksOptions } from './meta.ts';
import { scoresOf } from './scores.ts';

/**
 * y = x + f(norm(x)) becomes y = x for n blocks (or for their attentions, or feed-forward parts), those of the lowest score:
 * influence BI = 1 − E[cos(x, y)], or the measured KL(whole ‖ without it).
 * @see Men et al. 2024, §3 (influence); Gromov et al. 2024, arXiv:2403.17887 (side by side)
 */
export const blocks: Method<BlocksOptions> = {
  meta,
  plan: async (ground, targets, options) => {
    const { able, skipped } = candidatesOf(ground, targets, options);
    if (options.blocks !== undefined) {
      return planOf(ground, options, requireBlocks(ground.anatomy, options.blocks), skipped);
    }
    const count = wantedCount(ground.anatomy, able, options);
    if (options.score === 'last') return planOf(ground, options, last(able, count), skipped);
    // Whatever is decided, at least as many bytes go as with the smallest.
    const smallest = [...able].sort((a, b) => a.saved - b.saved).slice(0, count);
    const bound = smallest.map(({ index }) => index).sort((a, b) => a - b);
    return {
      ...(await planOf(ground, options, bound, skipped)),
      undecided: placesBytes(['blocks'], bound.length),
    };
  },
  decide: (ground, targets, options, ask) => decideBlocks(ground, targets, options, ask),
};

async function planOf(
  ground: Ground,
  options: BlocksOptions,
  chosen: readonly number[],
  skipped: readonly Skipped[],
): Promise<StepPlan> {
  const model = cutDepth(ground.model, ground.anatomy, cutOf(options.part, chosen));
  const companions: CompanionsRule = (files) =>
    options.part === 'feed-forward' ? files : withoutLayerEntries(files, ground.anatomy, chosen);
  const anatomy = await recogniseStored(model);
  return { model, anatomy, lines: [], skipped, work: [], companions };
}

function last(able: readonly Candidate[], count: number): number[] {
  return able.slice(-count).map(({ index }) => index);
}

async function decideBlocks(
  ground: Ground,
  targets: readonly Layer[],
  options: BlocksOptions,
  ask: Oracle<BlocksOptions>,
): Promise<BlocksOptions | undefined> {
  if (options.blocks !== undefined || options.score === 'last') return undefined;
  const { able } = candidatesOf(ground, targets, options);
  const count = wantedCount(ground.anatomy, able, options);
  const scores = await scoresOf(ground, able, options, count, ask);
  return { ...options, blocks: chosenBlocks(scores, count) };
}
