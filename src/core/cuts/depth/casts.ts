import type { Graph } from '../../onnx/types.ts';

/**
 * The value before it was only cast: in half precision the stream goes to float32 for each norm, and some exporters bring it
 * back from there for the sum.
 */
export function beforeCasts(graph: Graph, value: string): string {
  let current = value;
  for (;;) {
    const maker = graph.nodes.find(({ outputs }) => outputs.includes(current));
    if (maker?.opType !== 'Cast') return current;
    current = maker.inputs[0];
  }
}
