import type { Layer } from '../anatomy/types.ts';
import { placeOf, type Place } from '../encodings/index.ts';
import type { Model } from '../onnx/types.ts';
import { isFloatType } from '../tensor/convert.ts';
import { dataTypeName } from '../tensor/data-type.ts';
import type { Refusal } from './contract.ts';

/**
 * Where a layer's weight sits, or why no method can work on it: its weight is gone, or holds no
 * floating-point numbers.
 */
export function floatPlace(model: Model, layer: Layer): Place | Refusal {
  const place = placeOf(model, layer);
  if (place === undefined) {
    return {
      refused: `"${layer.name}" is no plain weight in this model (another step or tool has already encoded it), so it was left as it is.`,
    };
  }
  const { dataType } = place.weight;
  if (isFloatType(dataType)) return place;
  const type = dataTypeName(dataType) ?? `type ${dataType}`;
  return {
    refused: `"${layer.name}" is stored as ${type}, not as floating-point numbers, so it was left as it is.`,
  };
}

/** Narrows plan results. */
export function isRefusal<T extends object>(result: T | Refusal): result is Refusal {
  return 'refused' in result;
}
