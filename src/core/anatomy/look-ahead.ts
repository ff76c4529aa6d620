import { beginningAtHand, bringToHand } from '../onnx/at-hand.ts';
import { sourceBytes } from '../onnx/shape/known.ts';
import type { Model, Tensor } from '../onnx/types.ts';
import { constantTensors } from '../onnx/weights.ts';
import { bitsPerElement, DataType } from '../tensor/data-type.ts';
import { beginsAsTriangle, CORNER } from './causal.ts';
import { beginsAsPermutation, LARGEST_PERMUTATION } from './weights.ts';

/** At most so many bytes are read, whatever the file holds: recognition needs a few hundred numbers. */
const LIMIT = 1 << 26;

/** Largest vector of places that is read whole: which columns of an input go where. */
const PLACES = 1 << 18;

/**
 * Brings to hand the few values that recognition looks at, so that a file on a disk is recognised as one
 * in memory: small constants (shapes, factors), places of columns, the corner of what may be a causal mask, and square matrices
 * that may only move channels about. Of any other weight at most one row is read, never more than
 * 64 MiB in all.
 */
export async function lookAhead(model: Model): Promise<void> {
  const tensors = constantTensors(model.graph).map(({ tensor }) => tensor);
  let left = LIMIT;
  for (const tensor of tensors.filter(
    ({ data }) => data.byteLength > 0 && !data.readSync && !data.planned,
  )) {
    for (const wanted of steps(tensor)) {
      const length = wanted();
      if (length === 0 || length > left) break;
      await bringToHand(tensor.data, length);
      left -= length;
    }
  }
}

/** How many bytes to read at first, and how many then, by what was seen. */
function steps(tensor: Tensor): readonly (() => number)[] {
  const { data, dataType, dims } = tensor;
  const places = dataType === DataType.int32 && dims.length === 1;
  const small = data.byteLength <= (places ? PLACES : sourceBytes(dataType));
  if (small) return [() => data.byteLength];
  const row = rowBytes(tensor);
  return row === undefined ? [] : [() => row, () => secondLook(tensor, row)];
}

/** Bytes of a row of a tensor whose last two axes are equal; undefined for any other. */
function rowBytes({ dims, dataType }: Tensor): number | undefined {
  const [rows, columns] = dims.slice(-2);
  const bits = bitsPerElement(dataType);
  if (dims.length < 2 || rows !== columns || rows < 2 || bits % 8 !== 0) return undefined;
  return (columns * bits) / 8;
}

function secondLook(tensor: Tensor, row: number): number {
  const { data, dims } = tensor;
  if (beginningAtHand(data) === undefined) return 0;
  const small = dims.length === 2 && dims[0] <= LARGEST_PERMUTATION;
  if (small && beginsAsPermutation(tensor)) return data.byteLength;
  return beginsAsTriangle(tensor) ? Math.min(data.byteLength, CORNER * row) : 0;
}
