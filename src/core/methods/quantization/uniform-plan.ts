import type { Layer } from '../../anatomy/types.ts';
import type { Model } from '../../onnx/types.ts';
import { DataType, dataTypeName } from '../../tensor/data-type.ts';
import type { Refusal } from '../contract.ts';
import type { UniformWeight } from '../encoding.ts';
import { chooseFormat, isPlainProduct, standardOpset } from '../export/choose-format.ts';
import { floatPlace, isRefusal } from '../site.ts';

/** The part of a method's options that decides how a uniform weight is stored. */
export interface UniformChoice {
  readonly bits: UniformWeight['bits'];
  readonly blockSize: number | 'channel' | 'tensor';
  readonly symmetric: boolean;
  readonly scales: 'float32' | 'float16';
}

/** Reshape, Slice and broadcasting as every format here needs them. */
const MINIMUM_OPSET = 10;

/** The form a uniform weight takes in this model, without values; or why it cannot take one. */
export function planUniform(
  layer: Layer,
  choice: UniformChoice,
  model: Model,
  shareable: boolean,
): UniformWeight | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const [opset, { elementType }] = [standardOpset(model), place];
  const refused = siteProblem(layer, opset, elementType);
  if (refused !== undefined) return { refused };
  const { bits, blockSize, symmetric } = choice;
  const columns = layer.inFeatures;
  const granularity = typeof blockSize === 'number' ? 'block' : blockSize;
  const groupSize = typeof blockSize === 'number' ? Math.min(blockSize, columns) : columns;
  const plain = isPlainProduct(place.node);
  const half = choice.scales === 'float16' || elementType === DataType.float16;
  return {
    kind: 'uniform',
    bits,
    granularity,
    groupSize,
    symmetric,
    format: chooseFormat({ op: layer.op, plain, bits, granularity, groupSize, columns, opset }),
    scaleType: half ? 'float16' : 'float32',
    shareable,
  };
}

function siteProblem(layer: Layer, opset: number, elementType: number): string | undefined {
  if (opset < MINIMUM_OPSET) {
    return `"${layer.name}" is in a model of operator set ${opset}, and a quantized weight needs ${MINIMUM_OPSET} or newer: export the model again with a newer operator set.`;
  }
  if (elementType === DataType.float32 || elementType === DataType.float16) return undefined;
  return `"${layer.name}" computes in ${dataTypeName(elementType) ?? 'an unknown type'}, and a quantized weight can only be unpacked to float32 or float16: convert the model to float32 first.`;
}
