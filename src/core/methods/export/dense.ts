import type { GraphIndex } from '../../onnx/graph/index-graph.ts';
import { plannedData, memoryData } from '../../onnx/tensor-data.ts';
import type { Node, Tensor } from '../../onnx/types.ts';
import { bytesFromFloats } from '../half.ts';
import { transpose } from '../matrix.ts';
import type { DenseWeight } from '../encoding.ts';
import type { Emitter } from './emitter.ts';
import { isPassing, type Place } from './place.ts';
import type { StoredValue } from './stored.ts';

/** Values in the weight's own type, layout and name; undefined values are planned. */
export function denseTensor(place: Place, encoded: DenseWeight): Tensor {
  const { weight } = place;
  const bytes = encoded.values && denseBytes(place, encoded.values);
  const data = bytes ? memoryData(bytes) : plannedData(weight.data.byteLength);
  return { name: weight.name, dataType: weight.dataType, dims: weight.dims, data };
}

function denseBytes({ layer, stored, weight }: Place, values: Float32Array): Uint8Array {
  const { outFeatures, inFeatures } = layer;
  const laid = stored === 'out-in' ? values : transpose(values, outFeatures, inFeatures);
  return bytesFromFloats(laid, weight.dataType);
}

/** A copy beside the original, for when another node still needs the original. */
export function storeDense(emit: Emitter, place: Place, encoded: DenseWeight): StoredValue {
  const { dataType, dims, data } = denseTensor(place, encoded);
  const bytes = data.planned ? undefined : data.readSync?.();
  const value = emit.tensor(`${place.weight.name}_dense`, dims, dataType, bytes);
  return { kind: 'value', value, layout: place.stored, elementType: dataType };
}

/**
 * True when every use of the initializer, seen through Identity, Cast and Transpose, is one of `nodes`
 * (nodes that have been connected to another weight already count as such).
 */
export function ownsWeight(index: GraphIndex, weight: string, nodes: ReadonlySet<Node>): boolean {
  const open = [weight];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (index.isGraphOutput(value)) return false;
    for (const node of index.consumers(value)) {
      if (nodes.has(node)) continue;
      if (!isPassing(node)) return false;
      open.push(node.outputs[0]);
    }
  }
  return true;
}
