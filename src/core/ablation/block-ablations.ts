import type { Anatomy, Block } from '../anatomy/types.ts';
import { indexGraph } from '../onnx/graph/index-graph.ts';
import type { Model } from '../onnx/types.ts';
import { isSkipNorm, sumOf } from './skip-norms.ts';
import type { Ablation } from './types.ts';

/** A block and what switches it off. */
export interface BlockAblation extends Ablation {
  readonly stack: Block['stack'];
  /** `Block.index`. */
  readonly block: number;
}

/** One ablation for each block: its output is its input. */
export function blockAblations(anatomy: Anatomy, model: Model): readonly BlockAblation[] {
  const streamAt = streamValues(anatomy, model);
  return anatomy.blocks
    .filter(({ input, output }) => input !== '' && output !== '')
    .map(({ index, stack, input, output }) => ({
      ...{ stack, block: index },
      gates: [{ value: streamAt(output), instead: streamAt(input) }],
    }));
}

/**
 * The residual stream at a value that a block ends with: where norms stand before the branches, that is the sum, which a
 * fused add and norm makes beside its norm.
 */
export function streamValues(
  { normPlacement }: Pick<Anatomy, 'normPlacement'>,
  { graph }: Model,
): (value: string) => string {
  const index = indexGraph(graph);
  return (value) => {
    const maker = index.producer(value)?.node;
    const fused = maker !== undefined && isSkipNorm(maker) && normPlacement !== 'post';
    return fused ? sumOf(maker) : value;
  };
}
