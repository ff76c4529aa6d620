import { storedForm } from '../onnx/prepare/stored-form.ts';
import { sizeOf } from '../onnx/size.ts';
import type { Model } from '../onnx/types.ts';
import { dataTypeName } from '../tensor/data-type.ts';
import type { ModelSize } from './types.ts';

/**
 * File bytes (external files included), parameters and bits per weight of a model, exact and without
 * reading a tensor. A compressed model keeps the parameter count of the one it was made from (minus
 * removed ones), so it is passed in. A model that was changed on opening has the bytes of its file.
 */
export function modelSize(model: Model, parameters?: number): ModelSize {
  const size = sizeOf(model, { parameters });
  const stored = storedForm(model);
  return {
    bytes: stored === model ? size.totalBytes : sizeOf(stored).totalBytes,
    parameters: size.parameters,
    bitsPerWeight: size.bitsPerWeight,
  };
}

/** Bytes of a graph's initializers by the name of their data type. */
export function bytesByType({ graph }: Model): Record<string, number> {
  const bytes: Record<string, number> = {};
  for (const { dataType, data } of graph.initializers) {
    const type = dataTypeName(dataType) ?? String(dataType);
    bytes[type] = (bytes[type] ?? 0) + data.byteLength;
  }
  return bytes;
}
