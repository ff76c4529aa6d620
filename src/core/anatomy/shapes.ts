import { inferShapes } from '../onnx/shape/infer.ts';
import type { Model } from '../onnx/types.ts';
import type { DimsOf } from './linear.ts';

/**
 * Known dimensions of every value, also where a graph computes its shapes. A graph whose shapes
 * cannot be inferred at all still has its declared ones: recognition goes on with what is known.
 */
export function modelDims(model: Model): DimsOf {
  try {
    const shapes = inferShapes(model);
    return (value) =>
      shapes.typeOf(value)?.dims.map((d) => (typeof d === 'number' ? d : undefined));
  } catch {
    return declaredDims(model);
  }
}

function declaredDims({ graph }: Model): DimsOf {
  const dims = new Map<string, readonly (number | undefined)[]>();
  for (const { name, type } of [...graph.inputs, ...graph.outputs, ...graph.valueInfo]) {
    if (type?.dims)
      dims.set(
        name,
        type.dims.map(({ value }) => value),
      );
  }
  for (const tensor of graph.initializers) dims.set(tensor.name, tensor.dims);
  return (value) => dims.get(value);
}
