import { floatAttribute, intAttribute, intsAttribute } from '../onnx/graph/attributes.ts';
import { indexGraph, type GraphIndex } from '../onnx/graph/index-graph.ts';
import type { Graph, Model, Node, Tensor } from '../onnx/types.ts';
import { LatheError } from '../errors/lathe-error.ts';
import type { MatrixLayout, WeightUse } from './types.ts';

/** Where a layer's weight enters the graph today: found by the layer's output, so edits do not lose it. */
export interface Place {
  readonly layer: WeightUse;
  readonly node: Node;
  /** Index of `node` in the graph. */
  readonly index: number;
  /** Which input of `node` carries the weight. */
  readonly slot: number;
  /** The initializer behind that input, seen through Identity, Cast and Transpose. */
  readonly weight: Tensor;
  /** How the initializer lies in memory … */
  readonly stored: MatrixLayout;
  /** … and how `node` wants it. */
  readonly wanted: MatrixLayout;
  /** Element type that reaches `node`. */
  readonly elementType: number;
}

/** Models are immutable, so one index per graph serves every layer of it. */
const indices = new WeakMap<Graph, GraphIndex>();

/** Where a layer's weight sits in this model now; undefined when it is no plain weight (any more). */
export function placeOf(model: Model, layer: WeightUse): Place | undefined {
  let index = indices.get(model.graph);
  if (index === undefined) {
    index = indexGraph(model.graph);
    indices.set(model.graph, index);
  }
  return findPlace(index, layer);
}

/**
 * Finds the node of a layer and the initializer its weight comes from; undefined when the layer's
 * weight is no longer a plain initializer (an earlier step encoded it).
 */
export function findPlace(index: GraphIndex, layer: WeightUse): Place | undefined {
  const made = index.producer(layer.output);
  if (made === undefined || !isOperator(made.node, layer.op)) return undefined;
  const { node } = made;
  const slot = layer.op === 'Gather' ? 0 : 1;
  const source = traceInitializer(index, node.inputs[slot]);
  if (source === undefined || !fits(source.tensor, layer)) return undefined;
  const { tensor: weight, transposed, elementType = weight.dataType } = source;
  const wanted = wantedLayout(node);
  const stored = transposed ? opposite(wanted) : wanted;
  return { layer, node, index: made.index, slot, weight, stored, wanted, elementType };
}

/** onnxruntime's optimiser writes FusedMatMul for MatMul with scaling and transposes folded in. */
function isOperator(node: Node, op: WeightUse['op']): boolean {
  if (node.domain === 'com.microsoft') {
    return op === 'MatMul' && /^(FusedMatMul|TransposeMatMul)$/.test(node.opType);
  }
  return node.opType === op;
}

/** As {@link findPlace}. Throws `layer-not-found` where there is none. */
export function requirePlace(index: GraphIndex, layer: WeightUse): Place {
  const place = findPlace(index, layer);
  if (place !== undefined) return place;
  throw new LatheError(
    'layer-not-found',
    `The layer "${layer.name}" is not in this graph as a ${layer.op} over a plain weight; recognise the model again before compressing it.`,
    { layer: layer.name },
  );
}

/** True for two initializer shapes a layer of these features can have. */
function fits(tensor: Tensor, layer: WeightUse): boolean {
  const count = tensor.dims.reduce((product, d) => product * d, 1);
  return tensor.dims.length >= 2 && count === layer.outFeatures * layer.inFeatures;
}

/** How a node wants the matrix it multiplies with or looks up in. */
export function wantedLayout(node: Node): MatrixLayout {
  if (node.opType === 'Gather' || node.opType === 'Conv') return 'out-in';
  return intAttribute(node, 'transB', 0) === 1 ? 'out-in' : 'in-out';
}

/** The other of the two layouts. */
export function opposite(layout: MatrixLayout): MatrixLayout {
  return layout === 'in-out' ? 'out-in' : 'in-out';
}

interface Source {
  readonly tensor: Tensor;
  readonly transposed: boolean;
  readonly elementType?: number;
}

const LONGEST_CHAIN = 16;

function traceInitializer(index: GraphIndex, value: string): Source | undefined {
  let transposed = false;
  let elementType: number | undefined;
  let current = value;
  for (let steps = 0; steps < LONGEST_CHAIN; steps++) {
    const tensor = index.initializer(current);
    if (tensor !== undefined) return { tensor, transposed, elementType };
    const node = index.producer(current)?.node;
    if (node === undefined || !isPassing(node)) return undefined;
    if (node.opType === 'Transpose') transposed = !transposed;
    if (node.opType === 'Cast') elementType ??= intAttribute(node, 'to', 0);
    current = node.inputs[0];
  }
  return undefined;
}

/** True for nodes that hand a weight on: Identity, Cast, and the Transpose that swaps a matrix. */
export function isPassing(node: Node): boolean {
  if (node.domain !== '' && node.domain !== 'ai.onnx') return false;
  if (node.opType === 'Identity' || node.opType === 'Cast') return true;
  if (node.opType !== 'Transpose') return false;
  const perm = intsAttribute(node, 'perm');
  return perm === undefined || (perm.length === 2 && perm[0] === 1);
}

/** True for MatMul, and for Gemm that only multiplies and adds. */
export function isPlainProduct(node: Node): boolean {
  if (node.opType !== 'Gemm') return true;
  const scaled = floatAttribute(node, 'alpha', 1) !== 1 || floatAttribute(node, 'beta', 1) !== 1;
  return !scaled && intAttribute(node, 'transA', 0) === 0;
}

/** Version of the standard operator set a model uses (0 when it names none). */
export function standardOpset(model: Model): number {
  const set = model.opsets.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  return set?.version ?? 0;
}
