import type { Model } from '../onnx/types.ts';
import type { DimsOf } from './linear.ts';

/** Known dimensions of every value. */
export function modelDims(model: Model): DimsOf {
  const dims = new Map<string, readonly (number | undefined)[]>();
  const { inputs, outputs, valueInfo, initializers } = model.graph;
  for (const { name, type } of [...inputs, ...outputs, ...valueInfo]) {
    if (type?.dims)
      dims.set(
        name,
        type.dims.map(({ value }) => value),
      );
  }
  for (const tensor of initializers) dims.set(tensor.name, tensor.dims);
  return (value) => dims.get(value);
}
