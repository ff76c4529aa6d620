import type { Layer } from '../anatomy/types.ts';
import { LatheError } from '../errors/lathe-error.ts';
import type { Model } from '../onnx/types.ts';
import { decodedValues, placeOf, storedWeightOf } from '../encodings/index.ts';
import { isFloatType, toFloat32 } from '../tensor/convert.ts';
import { dataTypeName } from '../tensor/data-type.ts';
import { transpose } from '../tensor/matrix.ts';
import type { LayerWeight } from './contract.ts';

/**
 * Reads one layer's weight W, row-major [outFeatures, inFeatures] float32, from an initializer of any
 * float type and either layout (a Conv is unfolded, an embedding is [vocabulary, width]); of a weight stored
 * as codes, the numbers they stand for.
 * Throws `layer-not-found` when the layer's weight is neither in this model, and
 * `weight-not-float` when it holds no floating-point numbers.
 */
export async function readWeight(model: Model, layer: Layer): Promise<LayerWeight> {
  const place = placeOf(model, layer);
  const codes = place === undefined ? storedWeightOf(model, layer) : undefined;
  if (codes !== undefined) {
    const stored = { graph: model.graph, weight: codes };
    return { layer, values: await decodedValues(codes), stored };
  }
  if (place === undefined) {
    throw new LatheError(
      'layer-not-found',
      `The layer "${layer.name}" is not in this graph as a ${layer.op} over a plain weight; recognise the model again before compressing it.`,
      { layer: layer.name },
    );
  }
  const { weight, stored } = place;
  if (!isFloatType(weight.dataType)) {
    throw new LatheError(
      'weight-not-float',
      `The weight of "${layer.name}" is stored as ${dataTypeName(weight.dataType) ?? weight.dataType}, so it has no floating-point values to compress; leave this layer out.`,
      { layer: layer.name },
    );
  }
  const { outFeatures, inFeatures } = layer;
  const bytes = await weight.data.read();
  const values = toFloat32(weight.dataType, bytes, outFeatures * inFeatures);
  if (stored === 'in-out') return { layer, values: transpose(values, inFeatures, outFeatures) };
  // float32 is a view of the model's own memory, which nobody may write to.
  return { layer, values: values.buffer === bytes.buffer ? values.slice() : values };
}
