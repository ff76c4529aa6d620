import type { AblationLoss } from '../../core/ablation/types.ts';
import { blockAblations } from '../../core/ablation/block-ablations.ts';
import { headAblations } from '../../core/ablation/head-ablations.ts';
import type { Ablation } from '../../core/ablation/types.ts';
import type { Block } from '../../core/anatomy/types.ts';
import { measureAblations, type AblationHost } from '../ablations.ts';
import type { StageHooks } from '../compress/types.ts';
import type { OpenModel } from '../model/open.ts';
import type { StructureData } from './calibration.ts';

/** Which parts are left out one by one. */
export type PartKind = 'heads' | 'blocks';

/** What a model loses without one of its parts. */
export interface PartLoss {
  readonly stack: Block['stack'];
  /** `Block.index`. */
  readonly block: number;
  readonly head?: number;
  /** Output projection that reads the head: of two attentions in one block, which one. */
  readonly layer?: string;
  readonly loss: AblationLoss;
}

export interface PartHooks extends StageHooks {
  /** The parts of one more block are known. */
  readonly onFound: (losses: readonly PartLoss[]) => void;
}

type Part = Ablation & Omit<PartLoss, 'loss'>;

/**
 * Measures what every head or block is worth: mean KL to the whole model on calibration data with just this part
 * switched off. Block by block from the last one, whose parts have the least behind them and are known soonest.
 */
export async function partLosses(
  host: AblationHost,
  open: OpenModel,
  data: StructureData,
  kind: PartKind,
  hooks: PartHooks,
): Promise<readonly PartLoss[]> {
  const groups = groupsOf(partsOf(open, kind));
  const found: PartLoss[] = [];
  for (const [at, parts] of groups.entries()) {
    const losses = await measureAblations(host, open, data, parts, {
      ...(hooks.signal && { signal: hooks.signal }),
      progress: (fraction, detail) => hooks.progress((at + fraction) / groups.length, detail),
    });
    const some = parts.map(({ gates: _, ...part }, i) => ({ ...part, loss: losses[i] }));
    found.push(...some);
    hooks.onFound(some);
  }
  return found;
}

function partsOf({ anatomy, model }: OpenModel, kind: PartKind): readonly Part[] {
  if (kind === 'blocks') return blockAblations(anatomy, model);
  return headAblations(anatomy).map(({ layer, ...part }) => ({ ...part, layer: layer.name }));
}

/** Parts of one block together, the last block first. */
function groupsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    const key = `${part.stack} ${part.block}`;
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups.values()].reverse();
}
