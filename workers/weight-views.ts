import type { Anatomy, Layer } from '../src/core/anatomy/types.ts';
import { storedWeightOf } from '../src/core/encodings/index.ts';
import { storedBytes } from '../src/core/methods/stored-bytes.ts';
import type { Model } from '../src/core/onnx/types.ts';
import { dataTypeName } from '../src/core/tensor/data-type.ts';
import type { ModelView } from './protocol.ts';

/** All stored tensors with the layers they belong to, and what each layer takes. From shapes alone. */
export function weightViews(
  model: Model,
  { layers }: Anatomy,
): Pick<ModelView, 'tensors' | 'layerBytes'> {
  const bytes = storedBytes(model, layers);
  const layerOf = owners(model, layers);
  const tensors = model.graph.initializers.map(({ name, dims, dataType, data }) => {
    const layer = layerOf.get(name);
    return {
      name,
      dims,
      dataType: dataTypeName(dataType) ?? String(dataType),
      bytes: data.byteLength,
      ...(layer !== undefined && { layer }),
    };
  });
  return { tensors, layerBytes: layers.map(({ output }) => bytes.get(output) ?? 0) };
}

/** Which layer a tensor belongs to, scales and zero points of codes included; the first of those that share it. */
function owners(model: Model, layers: readonly Layer[]): ReadonlyMap<string, number> {
  const owner = new Map<string, number>();
  layers.forEach((layer, index) => {
    const codes = storedWeightOf(model, layer)?.tensors ?? [];
    for (const name of [layer.weight, ...codes.map((tensor) => tensor.name)]) {
      if (!owner.has(name)) owner.set(name, index);
    }
  });
  return owner;
}
