import type { Layer } from '../anatomy/types.ts';
import type { Model } from '../onnx/types.ts';
import { placeOf } from '../encodings/index.ts';

/** Bytes of each layer's plain weight, by `layer.output`; one that several layers share counts for the first. */
export function storedBytes(model: Model, layers: readonly Layer[]): Map<string, number> {
  const seen = new Set<string>();
  const bytes = new Map<string, number>();
  for (const layer of layers) {
    const weight = placeOf(model, layer)?.weight;
    const counted = weight === undefined || seen.has(weight.name);
    bytes.set(layer.output, counted ? 0 : weight.data.byteLength);
    if (weight !== undefined) seen.add(weight.name);
  }
  return bytes;
}
