import type { Layer } from '../../../anatomy/types.ts';
import type { Random } from '../../../random/random.ts';
import type { Graph, Model, Tensor } from '../../../onnx/types.ts';
import { editGraph, type GraphEditor } from '../../../onnx/graph/edit.ts';
import { indexGraph, type GraphIndex } from '../../../onnx/graph/index-graph.ts';
import { makeNode, makeTensor } from '../../../onnx/graph/make.ts';
import { inferShapes } from '../../../onnx/shape/infer.ts';
import { fromFloat32 } from '../../../tensor/convert.ts';
import { plannedData } from '../../../onnx/tensor-data.ts';
import { byteLengthOf, DataType } from '../../../tensor/data-type.ts';

/** One layer's adapter in the graph: Δy = scale·(x·A)·B with A [in, r] and B [r, out]. */
export interface PlacedAdapter {
  readonly layer: Layer;
  /** Initializer names. */
  readonly a: string;
  readonly b: string;
}

export interface AdapterShape {
  readonly rank: number;
  readonly alpha: number;
}

/** Name of a layer without the ending that says it is a weight. */
export function moduleName(layer: string): string {
  return layer.replace(/\.weight$/, '');
}

export interface InsertedAdapters {
  readonly graph: Graph;
  readonly adapters: readonly PlacedAdapter[];
  /** Name of the initializer α/r that all of them share. */
  readonly scale: string;
}

/**
 * Adds an adapter beside each layer, which is found by its output: y becomes y + (α/r)·(x·A)·B. A is
 * uniform in ±1/√in (as PyTorch's linear layers begin), B is zero, so nothing changes before training.
 * Both are stored in the type the graph computes in there. Without `random` both are left open.
 */
export function insertAdapters(
  model: Model,
  layers: readonly Layer[],
  shape: AdapterShape,
  random?: Random,
): InsertedAdapters {
  const edit = editGraph(model.graph);
  const index = indexGraph(model.graph);
  const dataType = computesIn(model, layers);
  const stored = (name: string, dims: readonly number[], values?: Float32Array): Tensor => {
    const tensor = values ? floats(name, dims, dataType, values) : hole(name, dims, dataType);
    edit.addInitializer(tensor);
    return tensor;
  };
  const scale = stored(edit.freshName('lora.scale'), [], scaleOf(shape)).name;
  const adapters = layers.map((layer) => {
    const base = moduleName(layer.name);
    const { rank } = shape;
    const first = random && firstMatrix(layer, rank, random);
    const a = stored(edit.freshName(`${base}.lora_A.weight`), [layer.inFeatures, rank], first);
    const second = random && new Float32Array(rank * layer.outFeatures);
    const b = stored(edit.freshName(`${base}.lora_B.weight`), [rank, layer.outFeatures], second);
    for (const { input, output } of [layer, ...(layer.twins ?? [])]) {
      addBeside(edit, index, { base, input, output, matrices: [a.name, b.name, scale] });
    }
    return { layer, a: a.name, b: b.name };
  });
  return { graph: edit.finish(), adapters, scale };
}

interface Beside {
  /** What the values' names begin with. */
  readonly base: string;
  readonly input: string;
  readonly output: string;
  /** Names of A, B and the scale. */
  readonly matrices: readonly [string, string, string];
}

/** y + scale·(x·A)·B in the place of one y. */
function addBeside(edit: GraphEditor, index: GraphIndex, { base, ...at }: Beside): void {
  const { input, output, matrices } = at;
  const made = index.producer(output);
  if (made === undefined) throw new Error(`"${output}" is made by no node.`);
  const [a, b, scale] = matrices;
  const value = (part: string): string => edit.freshName(`${base}.lora.${part}`);
  const [inner, outer, scaled, sum] = ['A', 'B', 'scaled', 'sum'].map(value);
  const nodes = [
    makeNode('MatMul', [input, a], [inner], {}, '', inner),
    makeNode('MatMul', [inner, b], [outer], {}, '', outer),
    makeNode('Mul', [outer, scale], [scaled], {}, '', scaled),
    makeNode('Add', [output, scaled], [sum], {}, '', sum),
  ];
  // Readers first: the sum itself must go on reading the layer's own output.
  edit.replaceUses(output, sum);
  edit.insertAfter(made.node, ...nodes);
}

function floats(
  name: string,
  dims: readonly number[],
  dataType: number,
  values: Float32Array,
): Tensor {
  return makeTensor(name, dims, { dataType, bytes: fromFloat32(dataType, values, true) });
}

function hole(name: string, dims: readonly number[], dataType: number): Tensor {
  return { name, dims, dataType, data: plannedData(byteLengthOf(dataType, dims)) };
}

/** α / r. */
export function scaleOf({ alpha, rank }: AdapterShape): Float32Array {
  return Float32Array.of(alpha / rank);
}

function firstMatrix({ inFeatures }: Layer, rank: number, random: Random): Float32Array {
  const bound = 1 / Math.sqrt(inFeatures);
  return Float32Array.from({ length: inFeatures * rank }, () => (2 * random.next() - 1) * bound);
}

/** float16 where the layers' inputs are, else float32. */
function computesIn(model: Model, layers: readonly Layer[]): number {
  const shapes = inferShapes(model);
  const half = layers.some(({ input }) => shapes.typeOf(input)?.dataType === DataType.float16);
  return half ? DataType.float16 : DataType.float32;
}
