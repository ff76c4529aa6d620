import type { Bindings } from '../../onnx/shape/dimension.ts';
import { foldConstants } from '../../onnx/shape/fold.ts';
import type { Model, Tensor, TensorData } from '../../onnx/types.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';

/**
 * Shape arithmetic replaced by its results, as `foldConstants` does, but nothing computed through a
 * stored float tensor of more than one element: a class token behind an Expand is small enough to be
 * folded, and would be lost to training.
 */
export function foldSizes(model: Model, bindings: Bindings): Model {
  const originals = new Map<Tensor, Tensor>();
  const hidden = model.graph.initializers.map((tensor) => {
    if (!mayBeTrained(tensor)) return tensor;
    const { data } = tensor;
    const read: TensorData['read'] = (offset, length) => data.read(offset, length);
    const closed: Tensor = { ...tensor, data: { byteLength: data.byteLength, read } };
    originals.set(closed, tensor);
    return closed;
  });
  const { graph, ...rest } = foldConstants(
    { ...model, graph: { ...model.graph, initializers: hidden } },
    bindings,
  );
  const initializers = graph.initializers.map((tensor) => originals.get(tensor) ?? tensor);
  return { ...rest, graph: { ...graph, initializers } };
}

const FLOATS = new Set<number>([
  DataType.float32,
  DataType.float64,
  DataType.float16,
  DataType.bfloat16,
]);

function mayBeTrained({ dataType, dims }: Tensor): boolean {
  return FLOATS.has(dataType) && elementCount(dims) > 1;
}
