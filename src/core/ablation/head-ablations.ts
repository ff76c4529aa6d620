import type { Anatomy, Block, Layer } from '../anatomy/types.ts';
import type { Ablation } from './types.ts';

/** A query head and what switches it off. */
export interface HeadAblation extends Ablation {
  readonly stack: Block['stack'];
  /** `Block.index`. */
  readonly block: number;
  readonly head: number;
  /** Where a block has two attentions: the output projection that reads this head. */
  readonly layer: Layer;
}

/**
 * One ablation for each query head: the columns [h·d, (h + 1)·d) of what its block's output projection reads are zero,
 * d = inFeatures/heads. Blocks whose heads or output projection were not recognised have none.
 */
export function headAblations({ blocks, layers }: Anatomy): readonly HeadAblation[] {
  return blocks.flatMap((block) =>
    outputsOf(block, layers).flatMap((layer) => headsOf(block, layer)),
  );
}

/** Output projections of a block's attentions: those that read one column per channel of a head. */
function outputsOf({ index, heads = 0 }: Block, layers: readonly Layer[]): readonly Layer[] {
  return layers.filter(
    ({ block, role, inFeatures, op }) =>
      block === index && role === 'attention-output' && op !== 'Conv' && inFeatures % heads === 0,
  );
}

function headsOf({ index, stack, heads = 0 }: Block, layer: Layer): HeadAblation[] {
  const size = layer.inFeatures / heads;
  return Array.from({ length: heads }, (_, head) => {
    const columns = [{ from: head * size, end: (head + 1) * size }];
    return { stack, block: index, head, layer, gates: [{ value: layer.input, columns }] };
  });
}
