import { adapterInputNames } from '../adapters/inputs.ts';
import { bytesAtHand } from '../onnx/at-hand.ts';
import { DataType, elementCount } from '../tensor/data-type.ts';
import { tensorAttribute } from '../onnx/graph/attributes.ts';
import { indexGraph } from '../onnx/graph/index-graph.ts';
import type { Graph, Node, Tensor } from '../onnx/types.ts';
import { isOp } from './operators.ts';

/** One use of a value: which node takes it, at which input. */
export interface Use {
  readonly node: number;
  readonly slot: number;
}

/**
 * A graph with its values indexed, which is what every matcher looks at. Only the outermost graph:
 * bodies of If, Loop and Scan are not entered.
 */
export interface GraphView {
  readonly nodes: readonly Node[];
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  /** Index of the node that makes a value; undefined for graph inputs and initializers. */
  producer(value: string): number | undefined;
  /** The node that makes a value. */
  maker(value: string): Node | undefined;
  uses(value: string): readonly Use[];
  initializer(value: string): Tensor | undefined;
  /** The tensor a value always holds: an initializer or the output of a Constant node. */
  tensor(value: string): Tensor | undefined;
  /** True when a value depends on initializers alone, so it is the same in every run. */
  isConstant(value: string): boolean;
}

/** Indexes a graph: producers, uses, initializers and constant values. O(nodes + values). */
export function viewGraph(graph: Graph): GraphView {
  const index = indexGraph(graph);
  const uses = new Map<string, readonly Use[]>();
  // An adapter's input stands for a matrix in the file unless a run says otherwise.
  const stored = graph.initializers.map(({ name }) => name);
  const initializers = new Set([...stored, ...adapterInputNames(graph)]);
  const inputs = graph.inputs.map(({ name }) => name).filter((name) => !initializers.has(name));
  const constants = constantValues(graph.nodes, initializers);
  const constantNodeTensor = (value: string): Tensor | undefined => {
    const node = index.producer(value)?.node;
    return node && isOp(node, 'Constant') ? tensorAttribute(node, 'value') : undefined;
  };
  return {
    nodes: graph.nodes,
    inputs: new Set(inputs),
    outputs: new Set(graph.outputs.map(({ name }) => name)),
    producer: (value) => index.producer(value)?.index,
    maker: (value) => index.producer(value)?.node,
    uses: (value) => {
      const known = uses.get(value) ?? usesOf(graph, index.consumerIndices(value), value);
      uses.set(value, known);
      return known;
    },
    initializer: (value) => index.initializer(value),
    tensor: (value) => index.initializer(value) ?? constantNodeTensor(value),
    isConstant: (value) => constants.has(value),
  };
}

function usesOf(graph: Graph, consumers: readonly number[], value: string): Use[] {
  return consumers.flatMap((node) =>
    graph.nodes[node].inputs.flatMap((input, slot) => (input === value ? [{ node, slot }] : [])),
  );
}

const RANDOM = /^(Random|Multinomial|Bernoulli)/;

/** Relies on the topological order of valid graphs; in another order it only finds fewer constants. */
function constantValues(nodes: readonly Node[], initializers: Iterable<string>): Set<string> {
  const constants = new Set(initializers);
  for (const node of nodes) {
    const fixed =
      node.inputs.every((value) => value === '' || constants.has(value)) &&
      !RANDOM.test(node.opType) &&
      !node.attributes.some(({ kind }) => kind === 'graph' || kind === 'graphs');
    if (fixed) for (const output of node.outputs) constants.add(output);
  }
  return constants;
}

/** Whole numbers of a small int64 or int32 tensor in memory. */
export function integersOf(tensor: Tensor | undefined): number[] | undefined {
  if (!tensor || elementCount(tensor.dims) > 64) return undefined;
  const bytes = bytesAtHand(tensor.data);
  if (!bytes) return undefined;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = elementCount(tensor.dims);
  if (tensor.dataType === DataType.int64 && bytes.byteLength >= count * 8) {
    return Array.from({ length: count }, (_, i) => Number(data.getBigInt64(i * 8, true)));
  }
  if (tensor.dataType === DataType.int32 && bytes.byteLength >= count * 4) {
    return Array.from({ length: count }, (_, i) => data.getInt32(i * 4, true));
  }
  return undefined;
}

/** float32 values of a tensor in memory; undefined for another type or when not loaded. */
export function floatsOf(tensor: Tensor): Float32Array | undefined {
  const bytes = tensor.dataType === DataType.float32 ? bytesAtHand(tensor.data) : undefined;
  const count = elementCount(tensor.dims);
  if (!bytes || bytes.byteLength < count * 4) return undefined;
  if (bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  return new Float32Array(bytes.slice(0, count * 4).buffer);
}
