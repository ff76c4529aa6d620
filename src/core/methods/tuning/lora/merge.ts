import type { Layer } from '../../../anatomy/types.ts';
import {
  fillingsOf,
  placeOf,
  writeEncodings,
  type Place,
  type Plain,
  type Written,
} from '../../../encodings/index.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { isFloatType, toFloat32 } from '../../../tensor/convert.ts';
import { transpose } from '../../../tensor/matrix.ts';
import type { Fillings } from '../../../onnx/fill.ts';
import { readWeight } from '../../weight.ts';
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
 * rounded once: what the holes of {@link plannedMerge} get. Throws `merge-not-float`.
 */
export async function mergedFillings(
  model: Model,
  { slots }: Pick<Written, 'slots'>,
  adapters: readonly TrainedAdapter[],
  scale: number,
): Promise<Fillings> {
  const fillings = new Map<string, Uint8Array>();
  for (const adapter of adapters) {
    const { layer } = adapter;
    const slot = slots.get(layer.output);
    if (slot === undefined) continue;
    const { values } = await readWeight(model, layer);
    const merged = { ...plainAs(model, layer), values: added(values, adapter, scale) };
    for (const [name, bytes] of fillingsOf(slot, merged)) fillings.set(name, bytes);
  }
  return fillings;
}

/**
 * The model with the layers' weights left open. A weight that something else reads too (a tied embedding)
 * is left to it, and the layer gets its own. Throws `merge-not-float` for a weight that is no
 * floating-point initializer.
 */
export function plannedMerge(model: Model, layers: readonly Layer[]): Written {
  return writeEncodings(
    model,
    layers.map((layer) => ({ layer, encoded: plainAs(model, layer) })),
  );
}

/** Plain values of the type the weight has. */
function plainAs(model: Model, layer: Layer): Plain {
  return { kind: 'plain', dataType: requireMergeable(model, layer).weight.dataType };
}

/** The layer's weight, when it is floating-point numbers that an update can be added to. */
export function requireMergeable(model: Model, layer: Layer): Place {
  const place = placeOf(model, layer);
  if (place !== undefined && isFloatType(place.weight.dataType)) return place;
  throw new LatheError(
    'merge-not-float',
    `The adapter of "${layer.name}" cannot be merged, because that weight is not stored as floating-point numbers; keep the adapter beside it (result "adapter"), or dequantize the layer first.`,
    { layer: layer.name },
  );
}

/** W + scale·(A·B)ᵀ [out, in], row by row. */
function added(values: Float32Array, adapter: TrainedAdapter, scale: number): Float32Array {
  const { layer, b, rank } = adapter;
  const { inFeatures, outFeatures } = layer;
  const a = transpose(adapter.a, inFeatures, rank);
  const sum = new Float32Array(values.length);
  const row = new Float64Array(inFeatures);
  for (let o = 0; o < outFeatures; o++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const [scaled, from] = [scale * b[k * outFeatures + o], k * inFeatures];
      for (let i = 0; i < inFeatures; i++) row[i] += scaled * a[from + i];
    }
    const to = o * inFeatures;
    for (let i = 0; i < inFeatures; i++) sum[to + i] = values[to + i] + row[i];
  }
  return sum;
}
