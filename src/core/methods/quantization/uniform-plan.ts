import type { Layer } from '../../anatomy/types.ts';
import { opsetOf, standardOpset, type Coded } from '../../encodings/index.ts';
import type { Model } from '../../onnx/types.ts';
import { DataType, dataTypeName } from '../../tensor/data-type.ts';
import type { Refusal } from '../contract.ts';
import { floatPlace, isRefusal } from '../site.ts';

/** The part of a method's options that decides how codes on a uniform grid are stored. */
export interface UniformChoice {
  readonly bits: 2 | 3 | 4 | 8;
  readonly blockSize: number | 'channel' | 'tensor';
  readonly symmetric: boolean;
  readonly scales: 'float32' | 'float16';
}

/** The codes a weight becomes in this model, without values; or why it cannot. */
export function planUniform(
  layer: Layer,
  { bits, blockSize, symmetric, scales }: UniformChoice,
  model: Model,
): Coded | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const columns = layer.inFeatures;
  const block = typeof blockSize === 'number';
  const half = scales === 'float16' || place.elementType === DataType.float16;
  const coded: Coded = {
    ...{ kind: 'coded', bits, grid: 'integer' },
    granularity: block ? 'block' : blockSize,
    groupSize: block ? Math.min(blockSize, columns) : columns,
    scales: { dataType: half ? DataType.float16 : DataType.float32 },
    ...(!symmetric && { zeros: { dataType: DataType.uint8 } }),
  };
  const refused = siteProblem(layer, model, coded, place.elementType);
  return refused === undefined ? coded : { refused };
}

/** Why a weight cannot be stored as codes in this model; undefined where it can. */
export function siteProblem(
  layer: Layer,
  model: Model,
  coded: Coded,
  elementType: number,
): string | undefined {
  const [opset, least] = [standardOpset(model), opsetOf(coded)];
  if (opset < least) {
    return `"${layer.name}" is in a model of operator set ${opset}, and a quantized weight needs ${least} or newer: export the model again with a newer operator set.`;
  }
  if (elementType === DataType.float32 || elementType === DataType.float16) return undefined;
  return `"${layer.name}" computes in ${dataTypeName(elementType) ?? 'an unknown type'}, and a quantized weight can only be unpacked to float32 or float16: convert the model to float32 first.`;
}
