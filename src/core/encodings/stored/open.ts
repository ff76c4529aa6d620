import { editGraph, type GraphEditor } from '../../onnx/graph/edit.ts';
import { makeNode } from '../../onnx/graph/make.ts';
import { memoryData, plannedData } from '../../onnx/tensor-data.ts';
import type { Model, Tensor } from '../../onnx/types.ts';
import { fromFloat32 } from '../../tensor/convert.ts';
import { byteLengthOf } from '../../tensor/data-type.ts';
import { transpose } from '../../tensor/matrix.ts';
import { nest } from '../nest.ts';
import type { MatrixLayout, WeightUse } from '../types.ts';
import { storedWeights } from './find.ts';
import type { StoredWeight } from './types.ts';

type Named = Pick<WeightUse, 'output'>;

/**
 * The model with these layers' stored weights as plain initializers, which are left open: the layer's node
 * is a plain product, convolution or look-up over a matrix of the type it computes in. Layers that read the
 * same codes read one plain weight. Layers with plain weights stay as they are.
 */
export function openStored(model: Model, layers: readonly Named[]): Model {
  return opened(model, layers).model;
}

/** As {@link openStored}, with the numbers that the codes stand for. Reads one weight after the other. */
export async function decodeStored(model: Model, layers: readonly Named[]): Promise<Model> {
  const { model: open, weights } = opened(model, layers);
  const filled = new Map<string, Tensor>();
  for (const [name, weight] of weights) filled.set(name, await decodedTensor(weight));
  const initializers = open.graph.initializers.map((tensor) => filled.get(tensor.name) ?? tensor);
  return { ...open, graph: { ...open.graph, initializers } };
}

/** The numbers Ŵ [rows, columns] that a stored weight stands for. */
export async function decodedValues(stored: StoredWeight): Promise<Float32Array> {
  return nest.decode(await stored.read(), stored);
}

/** One plain weight and the layers that read it, in the layout that all of them want, else [out, in]. */
interface Opened {
  readonly name: string;
  readonly layout: MatrixLayout;
  readonly readers: readonly StoredWeight[];
}

function opened(model: Model, layers: readonly Named[]) {
  const known = storedWeights(model);
  const chosen = new Set(layers.flatMap(({ output }) => known.get(output) ?? []));
  const weights = new Map<string, Opened>();
  if (chosen.size === 0) return { model, weights };
  const editor = editGraph(model.graph);
  for (const readers of groupsOf(chosen)) {
    const name = editor.freshName(plainName(readers[0]));
    const layouts = new Set(readers.map(({ layout }) => layout));
    const layout = layouts.size === 1 ? readers[0].layout : 'out-in';
    const weight: Opened = { name, layout, readers };
    weights.set(name, weight);
    editor.addInitializer(openTensor(weight));
    for (const stored of readers) connect(editor, weight, stored);
  }
  editor.removeUnused();
  return { model: { ...model, graph: editor.finish() }, weights };
}

/** Layers over the same codes, scales and zeros, in the same type: a tied weight stays tied. */
function groupsOf(chosen: Iterable<StoredWeight>): Iterable<readonly StoredWeight[]> {
  const groups = new Map<string, StoredWeight[]>();
  for (const stored of chosen) {
    const { tensors, elementType, rows, columns, op, dims } = stored;
    const names = tensors.map(({ name }) => name).sort();
    const key = JSON.stringify([names, elementType, rows, columns, op === 'Conv' && dims]);
    groups.set(key, [...(groups.get(key) ?? []), stored]);
  }
  return groups.values();
}

function connect(editor: GraphEditor, { name, layout }: Opened, stored: StoredWeight): void {
  if (stored.layout === layout) return editor.replaceNode(stored.node, stored.over(name));
  const turned = editor.freshName(`${name}_transposed`);
  const transpose = makeNode('Transpose', [name], [turned], { perm: [1, 0] });
  editor.replaceNode(stored.node, transpose, stored.over(turned));
}

/** The name of the codes without what tools add for them. */
function plainName({ tensors }: StoredWeight): string {
  return tensors[0].name.replace(/_(q\d|quantized|quant|int8|Bnb4)$/i, '');
}

/** A convolution's own dims, else those of the matrix. */
function dimsOf({ layout, readers: [first] }: Opened): readonly number[] {
  const { op, dims, rows, columns } = first;
  if (op === 'Conv') return dims;
  return layout === 'in-out' ? [columns, rows] : [rows, columns];
}

function openTensor(weight: Opened): Tensor {
  const { name, readers } = weight;
  const [{ elementType: dataType }] = readers;
  const dims = [...dimsOf(weight)];
  return { name, dims, dataType, data: plannedData(byteLengthOf(dataType, dims)) };
}

async function decodedTensor(weight: Opened): Promise<Tensor> {
  const { layout, readers } = weight;
  const [{ rows, columns, elementType }] = readers;
  const values = await decodedValues(readers[0]);
  const laid = layout === 'in-out' ? transpose(values, rows, columns) : values;
  const data = memoryData(fromFloat32(elementType, laid, true));
  return { ...openTensor(weight), data };
}
