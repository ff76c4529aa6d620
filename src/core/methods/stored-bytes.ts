import type { Layer } from '../anatomy/types.ts';
import type { Model, Tensor } from '../onnx/types.ts';
import { bytesOfTensors, placeOf, storedWeightOf } from '../encodings/index.ts';

/** Bytes of each layer's weight, plain or stored as codes, by `layer.output`; one that several layers share counts for the first. */
export function storedBytes(model: Model, layers: readonly Layer[]): Map<string, number> {
  const seen = new Set<string>();
  const bytes = new Map<string, number>();
  for (const layer of layers) {
    const tensors = tensorsOf(model, layer).filter(({ name }) => !seen.has(name));
    bytes.set(layer.output, bytesOfTensors(tensors));
    for (const { name } of tensors) seen.add(name);
  }
  return bytes;
}

function tensorsOf(model: Model, layer: Layer): readonly Tensor[] {
  const plain = placeOf(model, layer)?.weight;
  return plain ? [plain] : (storedWeightOf(model, layer)?.tensors ?? []);
}
