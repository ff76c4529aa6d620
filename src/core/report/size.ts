import { modelParts } from '../onnx/write.ts';
import type { Model } from '../onnx/types.ts';
import { elementCount } from '../tensor/data-type.ts';
import { isFloatType } from '../methods/half.ts';
import type { ModelSize } from './types.ts';

/** Bytes of a model's file, plus the bytes its tensors take in external files. No tensor is read. */
export function modelBytes(model: Model): number {
  const outside = model.graph.initializers.filter((tensor) => tensor.external !== undefined);
  return modelParts(model).byteLength + outside.reduce((sum, t) => sum + t.data.byteLength, 0);
}

/** Bytes of all initializers: weights with their scales, zero points and padding. */
export function weightBytes(model: Model): number {
  return model.graph.initializers.reduce((sum, tensor) => sum + tensor.data.byteLength, 0);
}

/** Numbers a model was trained with: elements of its floating-point initializers. */
export function parameterCount(model: Model): number {
  return model.graph.initializers
    .filter(({ dataType }) => isFloatType(dataType))
    .reduce((sum, { dims }) => sum + elementCount(dims), 0);
}

/**
 * File bytes, parameters and bits per weight = 8 · weight bytes / parameters. A compressed model keeps
 * the parameter count of the one it was made from (minus removed ones), so it is passed in.
 */
export function modelSize(model: Model, parameters = parameterCount(model)): ModelSize {
  const bitsPerWeight = parameters === 0 ? 0 : (8 * weightBytes(model)) / parameters;
  return { bytes: modelBytes(model), parameters, bitsPerWeight };
}
