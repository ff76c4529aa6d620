import { editGraph } from '../../onnx/graph/edit.ts';
import { memoryData, plannedData } from '../../onnx/tensor-data.ts';
import type { Model, Tensor } from '../../onnx/types.ts';
import { fromFloat32 } from '../../tensor/convert.ts';
import { byteLengthOf } from '../../tensor/data-type.ts';
import { transpose } from '../../tensor/matrix.ts';
import { nest } from '../nest.ts';
import type { WeightUse } from '../types.ts';
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
  for (const [name, stored] of weights) filled.set(name, await decodedTensor(name, stored));
  const initializers = open.graph.initializers.map((tensor) => filled.get(tensor.name) ?? tensor);
  return { ...open, graph: { ...open.graph, initializers } };
}

/** The numbers Ŵ [rows, columns] that a stored weight stands for. */
export async function decodedValues(stored: StoredWeight): Promise<Float32Array> {
  return nest.decode(await stored.read(), stored);
}

function opened(model: Model, layers: readonly Named[]) {
  const known = storedWeights(model);
  const chosen = layers.flatMap(({ output }) => known.get(output) ?? []);
  const weights = new Map<string, StoredWeight>();
  if (chosen.length === 0) return { model, weights };
  const editor = editGraph(model.graph);
  const names = new Map<string, string>();
  for (const stored of new Set(chosen)) {
    const key = keyOf(stored);
    let name = names.get(key);
    if (name === undefined) {
      name = editor.freshName(plainName(stored));
      names.set(key, name);
      weights.set(name, stored);
      editor.addInitializer(openTensor(name, stored));
    }
    editor.replaceNode(stored.node, stored.over(name));
  }
  editor.removeUnused();
  return { model: { ...model, graph: editor.finish() }, weights };
}

/** The same codes, scales and zeros, wanted in the same layout and type. */
function keyOf({ tensors, layout, elementType, dims }: StoredWeight): string {
  return JSON.stringify([tensors.map(({ name }) => name), layout, elementType, dims]);
}

/** The name of the codes without what tools add for them. */
function plainName({ tensors }: StoredWeight): string {
  return tensors[0].name.replace(/_(q\d|quantized|quant|int8|Bnb4)$/i, '');
}

function openTensor(name: string, { dims, elementType }: StoredWeight): Tensor {
  const data = plannedData(byteLengthOf(elementType, dims));
  return { name, dims: [...dims], dataType: elementType, data };
}

async function decodedTensor(name: string, stored: StoredWeight): Promise<Tensor> {
  const { rows, columns, layout, elementType, dims } = stored;
  const values = await decodedValues(stored);
  const laid = layout === 'in-out' ? transpose(values, rows, columns) : values;
  const data = memoryData(fromFloat32(elementType, laid, true));
  return { name, dims: [...dims], dataType: elementType, data };
}
