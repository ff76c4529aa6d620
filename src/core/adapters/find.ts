import { indexGraph, type GraphIndex } from '../onnx/graph/index-graph.ts';
import { memoryData } from '../onnx/tensor-data.ts';
import type { Graph, Model, Node, Tensor } from '../onnx/types.ts';
import { toFloat32 } from '../tensor/convert.ts';
import { closedAdapters } from './inputs.ts';

/** A low-rank adapter as it stands in a graph: Δy = scale·(x·A)·B. */
export interface FoundAdapter {
  /** The layer's name without `.weight`. */
  readonly module: string;
  /** [in, r] and [r, out]. */
  readonly a: Tensor;
  readonly b: Tensor;
  readonly scale: number;
}

/** A second adapter beside a layer has a number behind its name. */
const A_NAME = /\.lora_A\.weight(_\d+)?$/;

/**
 * The adapters that were kept beside the weights of this model, found by the names LoRA gives them; of
 * adapters that are inputs, those in the file.
 */
export async function findAdapters(model: Model): Promise<FoundAdapter[]> {
  const { graph } = closedAdapters(model);
  const index = indexGraph(graph);
  const found: FoundAdapter[] = [];
  for (const a of firstMatrices(graph)) {
    const inner = productWith(index, a.name);
    const outer = inner && index.consumers(inner.outputs[0]).find(isMatMul);
    const b = outer && storedBehind(index, outer.inputs[1]);
    if (outer === undefined || b === undefined) continue;
    const scale = await scaleBehind(index, outer);
    found.push({ module: a.name.replace(A_NAME, ''), a, b, scale });
  }
  return found;
}

function firstMatrices({ initializers }: Graph): readonly Tensor[] {
  return initializers.filter(({ name, dims }) => A_NAME.test(name) && dims.length === 2);
}

/** The product that a matrix is the second factor of, in the type it is stored in or cast to. */
function productWith(index: GraphIndex, matrix: string): Node | undefined {
  const readers = index.consumers(matrix);
  const cast = readers.find(({ opType }) => opType === 'Cast');
  return readers.find(isMatMul) ?? (cast && index.consumers(cast.outputs[0]).find(isMatMul));
}

/** The initializer that a value is, or is cast from. */
function storedBehind(index: GraphIndex, value: string): Tensor | undefined {
  const maker = index.producer(value)?.node;
  return index.initializer(maker?.opType === 'Cast' ? maker.inputs[0] : value);
}

function isMatMul({ opType, domain }: Node): boolean {
  return opType === 'MatMul' && domain === '';
}

async function scaleBehind(index: GraphIndex, outer: Node): Promise<number> {
  const mul = index.consumers(outer.outputs[0]).find(({ opType }) => opType === 'Mul');
  const names = mul?.inputs.filter((input) => input !== outer.outputs[0]) ?? [];
  const tensor = names.map((name) => index.initializer(name)).find((t) => t !== undefined);
  if (tensor === undefined) return 1;
  return toFloat32(tensor.dataType, await tensor.data.read(), 1)[0];
}

/** The model with every adapter's contribution multiplied by zero: what it was before. */
export function withoutAdapters(model: Model): Model {
  const initializers = model.graph.initializers.map((tensor) =>
    /(^|\.)lora\.scale(_\d+)?(\.default)?$/.test(tensor.name) ? zeroed(tensor) : tensor,
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

function zeroed(tensor: Tensor): Tensor {
  const data = memoryData(new Uint8Array(tensor.data.byteLength));
  return { ...tensor, external: undefined, data };
}
