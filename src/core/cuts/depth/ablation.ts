import type { Ablation, Gate } from '../../ablation/types.ts';
import type { Anatomy } from '../../anatomy/types.ts';
import type { Graph } from '../../onnx/types.ts';
import { isFusedSum, pathsOf } from './bypass.ts';
import { removedBy, type DepthCut } from './removed.ts';

/**
 * The gates that make a model compute what it would without the blocks and parts of `cut` ({@link cutDepth}), while all of
 * its weights stay: each output is its input. Where a sum is fused with the norm behind it, what is added is zero
 * instead; a bias inside of the fused operator then stays.
 */
export function ablationOf(graph: Graph, anatomy: Anatomy, cut: DepthCut): Ablation {
  const gates = removedBy(anatomy, cut).flatMap((part): Gate[] => {
    const paths = pathsOf(graph, part);
    const fused = paths.some(({ value }) => isFusedSum(graph, anatomy, value));
    // A whole block: its end is its beginning, and what happens between does not count.
    if (!fused && part.whole)
      return [{ value: paths[paths.length - 1].value, instead: paths[0].instead }];
    if (!fused) return [...paths];
    return part.subLayers.map(({ added }) => ({ value: added }));
  });
  return { gates: gates.map((gate) => atOnce(gate, gates)) };
}

/** A value that is itself passed by is what stands in its place: gates are shut together, in no order. */
function atOnce(gate: Gate, gates: readonly Gate[]): Gate {
  let { instead } = gate;
  for (let steps = 0; steps < gates.length && instead !== undefined; steps++) {
    const before = gates.find(({ value }) => value === instead)?.instead;
    if (before === undefined) break;
    instead = before;
  }
  return instead === undefined ? gate : { ...gate, instead };
}
