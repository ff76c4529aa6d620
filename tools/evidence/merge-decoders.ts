import { GraphBuilder } from '../../src/core/onnx/build/graph-builder.ts';
import type { Graph, Model, ValueInfo } from '../../src/core/onnx/types.ts';

const PAST = 'past_key_values';
const PRESENT = 'present';

/**
 * A decoder and its sibling with a cache as one file, as Optimum merges them: `If` on `use_cache_branch`, the
 * keys and values of the encoder handed through where they are known already.
 */
export function mergeDecoders(first: Model, cached: Model): Model {
  const inputs = [...first.graph.inputs, ...cached.graph.inputs].filter(
    ({ name }, at, all) => all.findIndex((other) => other.name === name) === at,
  );
  const outputs = first.graph.outputs;
  const g = new GraphBuilder('merged');
  const condition = g.input('use_cache_branch', 'bool', [1]);
  for (const { name } of inputs) g.input(name, 'float32', []);
  const made = g.ops('If', [condition], outputs.length, {
    then_branch: branch(cached.graph, outputs),
    else_branch: branch(first.graph, outputs),
  });
  for (const [index, { name }] of outputs.entries()) g.output(made[index], 'float32', [], name);
  const model = g.finish();
  const declared = [...inputs, ...model.graph.inputs.filter(({ name }) => name === condition)];
  return {
    ...model,
    irVersion: first.irVersion,
    opsets: first.opsets,
    graph: { ...model.graph, inputs: declared, outputs },
  };
}

/** A graph as a branch: its inputs are those outside, its outputs those asked for, in their order. */
function branch(graph: Graph, outputs: readonly ValueInfo[]): Graph {
  const own = new Map(graph.outputs.map((output) => [output.name, output]));
  const missing = outputs.filter(({ name }) => !own.has(name));
  const handed = missing.map(({ name }) => ({
    name: `hand_${name}`,
    opType: 'Identity',
    domain: '',
    inputs: [name.replace(PRESENT, PAST)],
    outputs: [name],
    attributes: [],
  }));
  return { ...graph, nodes: [...graph.nodes, ...handed], inputs: [], outputs: [...outputs] };
}
