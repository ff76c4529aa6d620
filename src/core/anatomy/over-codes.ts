import type { Graph } from '../onnx/types.ts';
import type { StoredWeights } from './linear.ts';

/**
 * The graph with every layer over stored codes as the plain product or look-up it stands for, node by node: matchers
 * then meet the same operators in a quantized model as in the original. Nodes keep their places.
 */
export function overCodes(graph: Graph, codes: StoredWeights): Graph {
  if (codes.size === 0) return graph;
  const inside = new Set([...codes.values()].flatMap((stored) => stored.inside));
  const nodes = graph.nodes.map((node) => {
    const [output] = node.outputs;
    const stored = codes.get(output);
    if (stored !== undefined) return stored.over(stored.tensors[0].name);
    return inside.has(output) ? { ...node, inputs: [] } : node;
  });
  return { ...graph, nodes };
}
