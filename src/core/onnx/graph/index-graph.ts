import type { Graph, Node, Tensor, TensorType } from '../types.ts';
import { valuesRead } from './values.ts';

/** Who makes and who reads each value of one graph. Built once, in O(nodes). */
export interface GraphIndex {
  readonly graph: Graph;
  /** The node that makes a value; undefined for inputs, initializers and unknown names. */
  producer(value: string): { readonly node: Node; readonly index: number } | undefined;
  /** Nodes that read a value, directly or inside a sub-graph, in graph order, each once. */
  consumers(value: string): readonly Node[];
  /** The same as indices into `graph.nodes`. */
  consumerIndices(value: string): readonly number[];
  /** Number of reading nodes, plus one when the value is a graph output. */
  useCount(value: string): number;
  initializer(name: string): Tensor | undefined;
  isGraphInput(value: string): boolean;
  isGraphOutput(value: string): boolean;
  /** The type the file declares for a value (inputs, outputs, value_info). */
  declaredType(value: string): TensorType | undefined;
}

/** Indexes a graph; uses inside If, Loop and Scan bodies count as uses by the node that holds them. */
export function indexGraph(graph: Graph): GraphIndex {
  const producers = new Map<string, { node: Node; index: number }>();
  const readers = new Map<string, number[]>();
  graph.nodes.forEach((node, index) => {
    for (const output of node.outputs) if (output !== '') producers.set(output, { node, index });
    for (const value of valuesRead(node)) append(readers, value, index);
  });
  const initializers = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const inputs = new Set(graph.inputs.map((info) => info.name));
  const outputs = new Set(graph.outputs.map((info) => info.name));
  const types = declaredTypes(graph);
  const consumerIndices = (value: string): readonly number[] => readers.get(value) ?? [];
  return {
    graph,
    producer: (value) => producers.get(value),
    consumers: (value) => consumerIndices(value).map((index) => graph.nodes[index]),
    consumerIndices,
    useCount: (value) => consumerIndices(value).length + (outputs.has(value) ? 1 : 0),
    initializer: (name) => initializers.get(name),
    isGraphInput: (value) => inputs.has(value),
    isGraphOutput: (value) => outputs.has(value),
    declaredType: (value) => types.get(value),
  };
}

function append(map: Map<string, number[]>, key: string, index: number): void {
  const list = map.get(key);
  if (list) list.push(index);
  else map.set(key, [index]);
}

function declaredTypes(graph: Graph): Map<string, TensorType> {
  const types = new Map<string, TensorType>();
  for (const info of [...graph.valueInfo, ...graph.outputs, ...graph.inputs]) {
    if (info.type) types.set(info.name, info.type);
  }
  return types;
}
