import { streamValues } from '../../ablation/block-ablations.ts';
import type { Ablation, Gate } from '../../ablation/types.ts';
import type { Anatomy } from '../../anatomy/types.ts';
import type { Graph } from '../../onnx/types.ts';
import { pathsOf } from './bypass.ts';
import { removedBy, type DepthCut } from './removed.ts';

/**
 * The gates that make a model compute what it would without the blocks and parts of `cut` ({@link cutDepth}), while all of
 * its weights stay: each output is its input, which may be gated itself. Where a sum is fused with the norm behind it,
 * the sum alone is gated.
 */
export function ablationOf(graph: Graph, anatomy: Anatomy, cut: DepthCut): Ablation {
  const streamAt = streamValues(anatomy, { graph });
  const gates = removedBy(anatomy, cut).flatMap((part): Gate[] => {
    const paths = pathsOf(graph, part);
    // A whole block: its end is its beginning, and what happens between does not count.
    const ends = { value: paths[paths.length - 1].value, instead: paths[0].instead };
    return (part.whole ? [ends] : paths).map(({ value, instead }) => ({
      value: streamAt(value),
      instead: streamAt(instead),
    }));
  });
  return { gates };
}
