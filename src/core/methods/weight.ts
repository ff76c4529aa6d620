import type { Layer } from '../anatomy/types.ts';
import { LatheError } from '../errors/lathe-error.ts';
import type { Model } from '../onnx/types.ts';
import { dataTypeName } from '../tensor/data-type.ts';
import type { LayerWeight } from './contract.ts';
import { floatsFromBytes, isFloatType } from './half.ts';
import { transpose } from './matrix.ts';
import { placeOf } from './export/place.ts';

/**
 * Reads one layer's weight W, row-major [outFeatures, inFeatures] float32, from an initializer of any
 * float type and either layout (a Conv is unfolded, an embedding is [vocabulary, width]).
 * Throws `layer-not-found` when the layer's weight is no plain initializer of this model, and
 * `weight-not-float` when it holds no floating-point numbers.
 */
export async function readWeight(model: Model, layer: Layer): Promise<LayerWeight> {
  const place = placeOf(model, layer);
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
  const values = floatsFromBytes(await weight.data.read(), weight.dataType);
  const { outFeatures, inFeatures } = layer;
  const rows = stored === 'out-in' ? values : transpose(values, inFeatures, outFeatures);
  return { layer, values: rows };
}
