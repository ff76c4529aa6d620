import type { Layer } from '../../../anatomy/types.ts';
import { placeOf } from '../../../encodings/index.ts';
import type { Model, Tensor } from '../../../onnx/types.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import { elementCount } from '../../../tensor/data-type.ts';
import { transpose } from '../../../tensor/matrix.ts';

/** The numbers of an initializer as float32, in memory of their own. */
export async function floatsOfTensor({ graph }: Model, name: string): Promise<Float32Array> {
  const tensor = graph.initializers.find((found) => found.name === name);
  if (tensor === undefined) throw new Error(`No tensor "${name}" in the model of the step.`);
  const { dataType, dims, data } = tensor;
  return toFloat32(dataType, await data.read(), elementCount(dims)).slice();
}

/** Where a layer's weight lies: the tensor, and its bytes made of W [out, in'] as it is stored. */
export interface StoredMatrix {
  readonly tensor: Tensor;
  bytes(values: Float32Array): Uint8Array;
}

/** Undefined when the layer's weight is no plain tensor. */
export function storedMatrix(model: Model, layer: Layer): StoredMatrix | undefined {
  const place = placeOf(model, layer);
  if (place === undefined) return undefined;
  const { weight: tensor, stored } = place;
  return {
    tensor,
    bytes: (values) => {
      const rows = layer.outFeatures;
      const lying = stored === 'out-in' ? values : transpose(values, rows, values.length / rows);
      return fromFloat32(tensor.dataType, lying);
    },
  };
}
