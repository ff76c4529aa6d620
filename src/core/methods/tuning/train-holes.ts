import type { Fillings } from '../../onnx/fill.ts';
import { plannedData } from '../../onnx/tensor-data.ts';
import type { Model } from '../../onnx/types.ts';

/** The model with the named initializers left open: what training will make of them has the same size. */
export function withHoles(model: Model, names: readonly string[]): Model {
  const open = new Set(names);
  if (open.size === 0) return model;
  const initializers = model.graph.initializers.map((tensor) =>
    open.has(tensor.name) ? { ...tensor, data: plannedData(tensor.data.byteLength) } : tensor,
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

/** The named initializers of a trained model, for the holes of the same names. */
export async function trainedBytes(trained: Model, names: readonly string[]): Promise<Fillings> {
  const wanted = new Set(names);
  const bytes = new Map<string, Uint8Array>();
  for (const { name, data } of trained.graph.initializers) {
    if (wanted.has(name)) bytes.set(name, await data.read());
  }
  return bytes;
}
