import type { Emitter } from '../autodiff/emitter.ts';
import { makeNode, makeValueInfo } from '../onnx/graph/make.ts';
import { topologicalOrder } from '../onnx/graph/topology.ts';
import type { Graph, Model, Node, ValueInfo } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';

/** A result: its public name, the value that holds it, its size (float32). */
export interface NamedOutput {
  readonly name: string;
  readonly value: string;
  readonly dims: readonly number[];
}

export interface Assembly {
  /** Gives nodes, initializers, inputs, operator sets. */
  readonly forward: Model;
  readonly emit: Emitter;
  /** Inputs beside the forward graph's. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly NamedOutput[];
  /** Emitted values that take the place of the forward graph's initializers: value → its name. */
  readonly replaced: ReadonlyMap<string, string>;
}

/** The forward graph with what was emitted, in order, delivering `outputs` and nothing else. */
export function assemble({ forward, emit, inputs, outputs, replaced }: Assembly): Model {
  const gone = new Set(replaced.values());
  const { renames, copies } = delivery(emit.nodes, outputs, replaced);
  const nodes = [...forward.graph.nodes, ...renamed(emit.nodes, renames), ...copies];
  const graph: Graph = {
    name: forward.graph.name,
    nodes: topologicalOrder(nodes),
    initializers: [
      ...forward.graph.initializers.filter(({ name }) => !gone.has(name)),
      ...emit.initializers,
    ],
    inputs: [...forward.graph.inputs, ...inputs],
    outputs: outputs.map(({ name, dims }) => makeValueInfo(name, DataType.float32, dims)),
    valueInfo: [],
  };
  return { ...forward, graph };
}

/** Each output is the emitted value under its public name; one that is not emitted, or is two outputs, is copied. */
function delivery(
  nodes: readonly Node[],
  outputs: readonly NamedOutput[],
  replaced: ReadonlyMap<string, string>,
): { renames: ReadonlyMap<string, string>; copies: readonly Node[] } {
  const emitted = new Set(nodes.flatMap((node) => node.outputs));
  const renames = new Map(replaced);
  const copies: Node[] = [];
  for (const { name, value } of outputs) {
    if (emitted.has(value) && !renames.has(value)) renames.set(value, name);
    else copies.push(makeNode('Identity', [renames.get(value) ?? value], [name], {}, '', name));
  }
  return { renames, copies };
}

function renamed(nodes: readonly Node[], renames: ReadonlyMap<string, string>): Node[] {
  const name = (value: string): string => renames.get(value) ?? value;
  return nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(name),
    outputs: node.outputs.map(name),
  }));
}
