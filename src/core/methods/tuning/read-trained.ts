import type { Model } from '../../onnx/types.ts';
import { toFloat32 } from '../../tensor/convert.ts';
import { elementCount } from '../../tensor/data-type.ts';

/** Reads the numbers of an initializer of a trained model. */
export type ReadTrained = (name: string) => Promise<Float32Array>;

/** Initializers of a trained model by name, as float32. */
export function readTrained({ graph }: Model): ReadTrained {
  const tensors = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  return async (name) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`The trained model lost "${name}".`);
    return toFloat32(tensor.dataType, await tensor.data.read(), elementCount(tensor.dims));
  };
}
