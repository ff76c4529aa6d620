import type { Layer } from '../../src/core/anatomy/types.ts';
import {
  insertAdapters,
  type AdapterShape,
  type PlacedAdapter,
} from '../../src/core/methods/tuning/lora/adapter.ts';
import {
  mergedFillings,
  plannedMerge,
  readAdapters,
} from '../../src/core/methods/tuning/lora/merge.ts';
import { fillHoles } from '../../src/core/onnx/fill.ts';
import { makeTensor } from '../../src/core/onnx/graph/make.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { normal, seededRandom } from '../../src/core/random/seeded.ts';

export interface Adapted {
  /** As training begins: B is zero. */
  readonly fresh: Model;
  /** B as if it had been trained. */
  readonly trained: Model;
  readonly adapters: readonly PlacedAdapter[];
  /** Every A and B, and the scale. */
  readonly names: readonly string[];
}

/** A model with adapters beside the layers, B normal with the given deviation. */
export function adapted(
  model: Model,
  layers: readonly Layer[],
  shape: AdapterShape,
  { seed = 3, deviation = 0.02 } = {},
): Adapted {
  const random = seededRandom(seed, 'adapters');
  const { graph, adapters, scale } = insertAdapters(model, layers, shape, random);
  const filled = new Set(adapters.map(({ b }) => b));
  const initializers = graph.initializers.map((tensor) => {
    if (!filled.has(tensor.name)) return tensor;
    const count = tensor.dims[0] * tensor.dims[1];
    const values = Float32Array.from({ length: count }, () => deviation * normal(random));
    return makeTensor(tensor.name, tensor.dims, values);
  });
  return {
    fresh: { ...model, graph },
    trained: { ...model, graph: { ...graph, initializers } },
    adapters,
    names: [...adapters.flatMap(({ a, b }) => [a, b]), scale],
  };
}

/** The model with trained adapters added to its weights. */
export async function mergedModel(
  model: Model,
  trained: Model,
  adapters: readonly PlacedAdapter[],
  scale: number,
): Promise<Model> {
  const planned = plannedMerge(
    model,
    adapters.map(({ layer }) => layer),
  );
  const read = await readAdapters(trained, adapters);
  return fillHoles(planned.model, await mergedFillings(model, planned, read, scale));
}
