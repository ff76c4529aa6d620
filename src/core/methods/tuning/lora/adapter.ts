import type { Layer } from '../../../anatomy/types.ts';
import type { Random } from '../../contract.ts';
import type { Graph, Tensor } from '../../../onnx/types.ts';
import { editGraph } from '../../../onnx/graph/edit.ts';
import { indexGraph } from '../../../onnx/graph/index-graph.ts';
import { makeNode, makeTensor } from '../../../onnx/graph/make.ts';

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
 */
export function insertAdapters(
  graph: Graph,
  layers: readonly Layer[],
  shape: AdapterShape,
  random: Random,
): InsertedAdapters {
  const edit = editGraph(graph);
  const index = indexGraph(graph);
  const scale = makeTensor(edit.freshName('lora.scale'), [], scaleOf(shape));
  edit.addInitializer(scale);
  const adapters = layers.map((layer) => {
    const made = index.producer(layer.output);
    if (made === undefined) throw new Error(`"${layer.output}" is made by no node.`);
    const base = moduleName(layer.name);
    const a = firstMatrix(edit.freshName(`${base}.lora_A.weight`), layer, shape, random);
    const b = makeTensor(
      edit.freshName(`${base}.lora_B.weight`),
      [shape.rank, layer.outFeatures],
      new Float32Array(shape.rank * layer.outFeatures),
    );
    edit.addInitializer(a);
    edit.addInitializer(b);
    const value = (part: string): string => edit.freshName(`${base}.lora.${part}`);
    const [inner, outer, scaled, sum] = ['A', 'B', 'scaled', 'sum'].map(value);
    const nodes = [
      makeNode('MatMul', [layer.input, a.name], [inner], {}, '', inner),
      makeNode('MatMul', [inner, b.name], [outer], {}, '', outer),
      makeNode('Mul', [outer, scale.name], [scaled], {}, '', scaled),
      makeNode('Add', [layer.output, scaled], [sum], {}, '', sum),
    ];
    // Readers first: the sum itself must go on reading the layer's own output.
    edit.replaceUses(layer.output, sum);
    edit.insertAfter(made.node, ...nodes);
    return { layer, a: a.name, b: b.name };
  });
  return { graph: edit.finish(), adapters, scale: scale.name };
}

/** α / r. */
export function scaleOf({ alpha, rank }: AdapterShape): Float32Array {
  return Float32Array.of(alpha / rank);
}

function firstMatrix(name: string, layer: Layer, { rank }: AdapterShape, random: Random): Tensor {
  const bound = 1 / Math.sqrt(layer.inFeatures);
  const values = Float32Array.from(
    { length: layer.inFeatures * rank },
    () => (2 * random.next() - 1) * bound,
  );
  return makeTensor(name, [layer.inFeatures, rank], values);
}
