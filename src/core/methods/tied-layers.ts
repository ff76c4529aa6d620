import type { Layer } from '../anatomy/types.ts';
import { placeOf, storedWeightOf } from '../encodings/index.ts';
import type { Model } from '../onnx/types.ts';

/** Layers that read one weight: they get the same form, so that it stays stored once. */
export interface TiedLayers {
  readonly layers: readonly Layer[];
}

/** Layers by the weight that they read, in their order. */
export function tiedLayers(model: Model, layers: readonly Layer[]): TiedLayers[] {
  const byWeight = new Map<string, Layer[]>();
  for (const layer of layers) {
    const plain = placeOf(model, layer)?.weight;
    const weight = (plain ?? storedWeightOf(model, layer)?.tensors[0])?.name ?? layer.name;
    byWeight.set(weight, [...(byWeight.get(weight) ?? []), layer]);
  }
  return [...byWeight.values()].map((members) => ({ layers: members }));
}
