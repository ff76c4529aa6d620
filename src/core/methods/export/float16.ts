import { DataType } from '../../tensor/data-type.ts';
import { transpose } from '../matrix.ts';
import type { Float16Weight } from '../encoding.ts';
import { bytesOf, type Emitter } from './emitter.ts';
import type { Place } from './place.ts';
import { castTo } from './read-rows.ts';
import type { StoredValue } from './stored.ts';

/**
 * Half values with a Cast back to the type the graph computes in: onnxruntime folds the Cast when it
 * loads the model, so this runs on devices without half arithmetic too.
 */
export function storeFloat16(emit: Emitter, place: Place, encoded: Float16Weight): StoredValue {
  const { layer, weight, stored } = place;
  const { outFeatures, inFeatures } = layer;
  const laid =
    encoded.values && stored === 'in-out'
      ? transpose(encoded.values, outFeatures, inFeatures)
      : encoded.values;
  const base = `${weight.name}_fp16`;
  const half = emit.tensor(base, weight.dims, DataType.float16, laid && bytesOf(laid));
  const value = castTo(emit, half, DataType.float16, place.elementType);
  return { kind: 'value', value, layout: stored, elementType: place.elementType };
}
