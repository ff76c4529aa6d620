import { recogniseStored } from '../../../anatomy/recognise-stored.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { ablationOf } from '../../../cuts/depth/ablation.ts';
import { cutDepth } from '../../../cuts/depth/cut-depth.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Ground, Method, Oracle, Skipped, StepPlan } from '../../contract.ts';
import { dropCheapest } from '../measured/drop-cheapest.ts';
import { canGo, cutOf, partsThatCanGo, stackOf, type Part } from '../measured/parts.ts';
import { wantedCount } from './count.ts';
import { decidedParts, kindsOf, withDecided } from './decided.ts';
import { placesBytes } from '../structured/answer-bytes.ts';
import { meta, type GreedyBlocksOptions } from './meta.ts';

/**
 * y = x + f(norm(x)) becomes y = x for n blocks or sub-layers, one after the other: each time the part without which
 * KL(whole ‖ what is left) is least.
 * @see Song et al. 2024, algorithm 1 (SLEB: blocks, by perplexity); Zhong et al. 2024, arXiv:2406.10594 (sub-layers)
 */
export const greedyBlocks: Method<GreedyBlocksOptions> = {
  meta,
  plan: async (ground, targets, options) => {
    const decided = decidedParts(ground.anatomy, options);
    if (decided !== undefined) return planOf(ground, decided, []);
    const { able, skipped } = open(ground, targets, options);
    const count = wantedCount(stackOf(ground.anatomy, options).length, able, options);
    // Whatever is decided, at least as many bytes go as with the smallest.
    const smallest = [...able].sort((a, b) => a.saved - b.saved).slice(0, count);
    const undecided = placesBytes(['blocks', 'attention', 'feedForward'], count);
    return { ...(await planOf(ground, smallest, skipped)), undecided };
  },
  decide: (ground, targets, options, ask) => decide(ground, targets, options, ask),
};

async function planOf(
  ground: Ground,
  parts: readonly Pick<Part, 'kind' | 'block'>[],
  skipped: readonly Skipped[],
): Promise<StepPlan> {
  const model = cutDepth(ground.model, ground.anatomy, cutOf(parts));
  return { model, anatomy: await recogniseStored(model), lines: [], skipped, work: [] };
}

/** The parts to choose from. Throws `no-blocks`. */
function open(ground: Ground, targets: readonly Layer[], options: GreedyBlocksOptions) {
  if (ground.anatomy.blocks.length === 0) throw noBlocks();
  return partsThatCanGo(ground, targets, { ...options, kinds: kindsOf(options) });
}

async function decide(
  ground: Ground,
  targets: readonly Layer[],
  options: GreedyBlocksOptions,
  ask: Oracle<GreedyBlocksOptions>,
): Promise<GreedyBlocksOptions | undefined> {
  const { model, anatomy } = ground;
  if (decidedParts(anatomy, options) !== undefined) return undefined;
  const { able } = open(ground, targets, options);
  const dropped = await dropCheapest(
    {
      parts: able,
      count: wantedCount(stackOf(anatomy, options).length, able, options),
      without: (parts) => ablationOf(model.graph, anatomy, cutOf(parts)),
      possible: (parts) => canGo(ground, parts),
    },
    ask,
  );
  return withDecided(options, dropped);
}

function noBlocks(): LatheError {
  return new LatheError(
    'no-blocks',
    'No transformer blocks were recognised in this model, so there are none to drop; prune its layers one by one instead.',
  );
}
