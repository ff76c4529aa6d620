import type { Layer } from '../../../anatomy/types.ts';
import { isPassing, placeOf, storedWeightOf } from '../../../encodings/index.ts';
import { indexGraph, type GraphIndex } from '../../../onnx/graph/index-graph.ts';
import type { Model, Node, Tensor } from '../../../onnx/types.ts';
import { isFloatType } from '../../../tensor/convert.ts';
import type { Skipped } from '../../contract.ts';
import { packedWeight, type PackedWeight } from './packed.ts';

/** What of the chosen layers can be trained. */
export interface Healable {
  /** Float matrices: the layers' own, or the factors of low-rank ones. */
  readonly names: readonly string[];
  /** Weights of which only the kept values are stored. */
  readonly packed: readonly PackedWeight[];
  readonly touched: readonly Layer[];
  readonly skipped: readonly Skipped[];
}

/** The chosen layers' weights in whatever form gradients can change; the others with the reason. */
export function healableWeights(model: Model, targets: readonly Layer[]): Healable {
  const index = indexGraph(model.graph);
  const names = new Set<string>();
  const packed = new Map<string, PackedWeight>();
  const touched: Layer[] = [];
  const skipped: Skipped[] = [];
  for (const layer of targets) {
    const found = matricesOf(model, index, layer);
    const sparse = found.length > 0 ? undefined : packedWeight(storedWeightOf(model, layer), layer);
    for (const { name } of found) names.add(name);
    if (sparse !== undefined && !packed.has(sparse.kept.name)) packed.set(sparse.kept.name, sparse);
    if (found.length > 0 || sparse !== undefined) touched.push(layer);
    else skipped.push({ name: layer.name, reason: isCodes(layer) });
  }
  return { names: [...names], packed: [...packed.values()], touched, skipped };
}

function matricesOf(model: Model, index: GraphIndex, layer: Layer): readonly Tensor[] {
  const weight = placeOf(model, layer)?.weight;
  if (weight !== undefined) return isFloatType(weight.dataType) ? [weight] : [];
  return storedWeightOf(model, layer) === undefined ? factorsOf(index, layer) : [];
}

/** Nodes between a layer's input and its output: two products and what adds them up are few. */
const MOST_NODES = 64;

/** Float matrices that products between a layer's input and its output multiply with: L and R of x·Rᵀ·Lᵀ. */
function factorsOf(index: GraphIndex, layer: Layer): readonly Tensor[] {
  const found = new Map<string, Tensor>();
  const open = [layer.output];
  const seen = new Set<string>([layer.input, ...open]);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = index.producer(next)?.node;
    if (node === undefined) continue;
    if (seen.size > MOST_NODES) return [];
    for (const value of node.inputs.filter((input) => input !== '' && !seen.has(input))) {
      const tensor = isProduct(node) ? behind(index, value) : undefined;
      if (tensor !== undefined) found.set(tensor.name, tensor);
      seen.add(value);
      open.push(value);
    }
  }
  return [...found.values()];
}

function isProduct({ opType }: Node): boolean {
  return opType === 'MatMul' || opType === 'Gemm';
}

/** The float matrix that a value is, seen through Identity, Cast and Transpose. */
function behind(index: GraphIndex, value: string): Tensor | undefined {
  let current = value;
  for (;;) {
    const tensor = index.initializer(current);
    if (tensor) return isFloatType(tensor.dataType) && tensor.dims.length >= 2 ? tensor : undefined;
    const node = index.producer(current)?.node;
    if (node === undefined || !isPassing(node)) return undefined;
    [current] = node.inputs;
  }
}

function isCodes({ name }: Layer): string {
  return `"${name}" is stored as codes, which have no gradient, so only the biases and norms around it learn; heal before quantizing, or train an adapter (LoRA) beside it.`;
}
