import type { Layer } from '../../anatomy/types.ts';
import {
  opsetOf,
  requireKind,
  standardOpset,
  type Encoded,
  type Masked,
  type Place,
  type Plain,
} from '../../encodings/index.ts';
import { keptOnly } from '../../kernels/rank-select.ts';
import type { Pattern } from '../../kernels/select.ts';
import type { Model } from '../../onnx/types.ts';
import { bitsPerElement, DataType, dataTypeName } from '../../tensor/data-type.ts';
import type { Refusal } from '../contract.ts';
import { floatPlace, isRefusal } from '../site.ts';
import { patternProblem } from './pattern.ts';
import type { PruningOptions } from './pruning-options.ts';

/** Bytes of the nodes and constants that unpack one weight, roughly; what `store: smaller` reckons with. */
const UNPACKING = 1500;

/** What is known of a layer's pruning before it runs. */
export interface Asked {
  readonly pattern: Pattern;
  readonly store: PruningOptions['store'];
  /** Weights that stay: how many a method keeps follows from shapes and options. */
  readonly keep: number;
}

/**
 * The form of a pruned weight: as dense as before, or one bit per weight and the kept values. Refused where an N:M
 * pattern does not fit the row, or the graph could not unpack it.
 */
export function planPruned(
  layer: Layer,
  { pattern, store, keep }: Asked,
  model: Model,
): Plain | Masked | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const refused = patternProblem(layer, pattern);
  if (refused !== undefined) return refused;
  const { dataType } = place.weight;
  const dense: Plain = { kind: 'plain', dataType };
  const packed: Masked = { kind: 'masked', keep, values: dense };
  if (store === undefined) return dense;
  const problem = unpackingProblem(layer, packed, place, model);
  if (store === 'packed') return problem ?? packed;
  const total = layer.outFeatures * layer.inFeatures;
  const saved = ((total - keep) * bitsPerElement(dataType) - total) / 8;
  return problem === undefined && saved > UNPACKING ? packed : dense;
}

function unpackingProblem(
  layer: Layer,
  packed: Masked,
  { elementType }: Place,
  model: Model,
): Refusal | undefined {
  const [opset, least] = [standardOpset(model), opsetOf(packed)];
  if (opset < least) {
    return {
      refused: `"${layer.name}" is in a model of operator set ${opset}, and a weight stored sparse needs ${least} or newer: export the model again with a newer operator set.`,
    };
  }
  if (elementType === DataType.float32 || elementType === DataType.float16) return undefined;
  return {
    refused: `"${layer.name}" computes in ${dataTypeName(elementType) ?? 'an unknown type'}, and a weight stored sparse can only be unpacked to float32 or float16: convert the model to float32 first.`,
  };
}

/** The planned weight, filled: what the mask keeps of `values`, the rest zero. */
export function pruned(planned: Encoded, values: Float32Array, keep: Uint8Array): Plain | Masked {
  if (planned.kind === 'masked') return packed(planned, values, keep);
  const plain = requireKind(planned, 'plain');
  return { ...plain, values: keptOnly(values, keep) };
}

function packed(planned: Masked, values: Float32Array, keep: Uint8Array): Masked {
  const kept = new Float32Array(Math.max(planned.keep, 1));
  let next = 0;
  for (let i = 0; i < values.length; i++) if (keep[i] === 1) kept[next++] = values[i];
  if (next !== planned.keep)
    throw new Error(`${next} weights are kept, ${planned.keep} were planned.`);
  return {
    ...planned,
    mask: keep,
    values: { ...requireKind(planned.values, 'plain'), values: kept },
  };
}
