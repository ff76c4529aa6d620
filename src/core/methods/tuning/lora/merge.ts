import type { Layer } from '../../../anatomy/types.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { makeTensor } from '../../../onnx/graph/make.ts';
import { plannedData } from '../../../onnx/tensor-data.ts';
import type { Model, Tensor } from '../../../onnx/types.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import { placeOf } from '../../site.ts';
import type { Place } from '../../export/place.ts';
import type { PlacedAdapter } from './adapter.ts';

/** One layer's trained matrices, A [in, r] and B [r, out], row-major. */
export interface TrainedAdapter {
  readonly layer: Layer;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly rank: number;
}

/** The trained matrices out of the trained student. */
export async function readAdapters(
  trained: Model,
  adapters: readonly PlacedAdapter[],
): Promise<TrainedAdapter[]> {
  const tensors = new Map(trained.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const read = async (name: string): Promise<Float32Array> => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`The trained model lost "${name}".`);
    const count = tensor.dims.reduce((product, size) => product * size, 1);
    return toFloat32(tensor.dataType, await tensor.data.read(), count);
  };
  const result: TrainedAdapter[] = [];
  for (const { layer, a, b } of adapters) {
    const [left, right] = [await read(a), await read(b)];
    result.push({ layer, a: left, b: right, rank: right.length / layer.outFeatures });
  }
  return result;
}

/**
 * W ← W + (α/r)·(A·B)ᵀ for W [out, in], in the weight's own layout and type; sums in double precision,
 * rounded once. Throws `merge-not-float` for a weight that is no floating-point initializer.
 */
export async function mergeAdapters(
  model: Model,
  adapters: readonly TrainedAdapter[],
  scale: number,
): Promise<Model> {
  const merged = new Map<string, Tensor>();
  for (const adapter of adapters) {
    const place = requireMergeable(model, adapter.layer);
    const current = merged.get(place.weight.name) ?? place.weight;
    merged.set(
      place.weight.name,
      await mergedTensor({ ...place, weight: current }, adapter, scale),
    );
  }
  return withTensors(model, merged);
}

/** The same with planned bytes: what merging will give, its size exact. */
export function plannedMerge(model: Model, layers: readonly Layer[]): Model {
  const planned = layers.map((layer) => {
    const { weight } = requireMergeable(model, layer);
    const data = plannedData(weight.data.byteLength);
    return [weight.name, { ...weight, data, external: undefined }] as const;
  });
  return withTensors(model, new Map(planned));
}

function withTensors(model: Model, changed: ReadonlyMap<string, Tensor>): Model {
  const initializers = model.graph.initializers.map((t) => changed.get(t.name) ?? t);
  return { ...model, graph: { ...model.graph, initializers } };
}

/** The layer's weight, when it is floating-point numbers that an update can be added to. */
export function requireMergeable(model: Model, layer: Layer): Place {
  const place = placeOf(model, layer);
  if (place !== undefined && isFloat(place.weight)) return place;
  throw new LatheError(
    'merge-not-float',
    `The adapter of "${layer.name}" cannot be merged, because that weight is not stored as floating-point numbers; keep the adapter beside it (result "adapter").`,
    { layer: layer.name },
  );
}

const FLOATS = new Set([1, 10]);

function isFloat({ dataType }: Tensor): boolean {
  return FLOATS.has(dataType);
}

async function mergedTensor(
  { weight, stored }: Place,
  adapter: TrainedAdapter,
  scale: number,
): Promise<Tensor> {
  const { outFeatures, inFeatures } = adapter.layer;
  const values = toFloat32(weight.dataType, await weight.data.read(), outFeatures * inFeatures);
  const update = product(adapter);
  const sum = new Float32Array(values.length);
  for (let i = 0; i < inFeatures; i++) {
    for (let o = 0; o < outFeatures; o++) {
      const at = stored === 'in-out' ? i * outFeatures + o : o * inFeatures + i;
      sum[at] = values[at] + scale * update[i * outFeatures + o];
    }
  }
  const bytes = fromFloat32(weight.dataType, sum);
  return makeTensor(weight.name, weight.dims, { dataType: weight.dataType, bytes });
}

/** A·B [in, out]. */
function product({ layer, a, b, rank }: TrainedAdapter): Float64Array {
  const { inFeatures, outFeatures } = layer;
  const result = new Float64Array(inFeatures * outFeatures);
  for (let i = 0; i < inFeatures; i++) {
    for (let k = 0; k < rank; k++) {
      const factor = a[i * rank + k];
      const [to, from] = [i * outFeatures, k * outFeatures];
      for (let o = 0; o < outFeatures; o++) result[to + o] += factor * b[from + o];
    }
  }
  return result;
}
