import type { Anatomy, Block, SubLayer } from '../anatomy/types.ts';
import type { Model } from '../onnx/types.ts';
import { streamValues } from './block-ablations.ts';
import type { Ablation } from './types.ts';

/** One branch of a block and what switches it off. */
export interface SubLayerAblation extends Ablation {
  readonly stack: Block['stack'];
  /** `Block.index`. */
  readonly block: number;
  readonly kind: SubLayer['kind'];
}

/**
 * One ablation for each attention and feed-forward part: the stream behind it is the stream before it; where both are
 * added to each other first, their sum is the other one. Where norms follow the sums, the norm goes along.
 */
export function subLayerAblations(anatomy: Anatomy, model: Model): readonly SubLayerAblation[] {
  const streamAt = streamValues(anatomy, model);
  return anatomy.blocks.flatMap(({ index, stack, subLayers }) =>
    subLayers.map(({ kind, bypass }) => ({
      ...{ stack, block: index, kind },
      gates: [{ value: streamAt(bypass.value), instead: streamAt(bypass.instead) }],
    })),
  );
}
