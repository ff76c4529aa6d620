import { toFloat32 } from '../../../tensor/convert.ts';
import { DataType, elementCount } from '../../../tensor/data-type.ts';
import { float32ToHalf, halfToFloat32 } from '../../../tensor/half.ts';
import { unpackSigned, unpackUnsigned } from '../../../tensor/sub-byte.ts';
import { viewAs } from '../../../tensor/view-as.ts';
import type { Tensor } from '../../../onnx/types.ts';

/** A tensor while a weight is computed: floats of any type as float32, whole numbers as int32. */
export interface Dense {
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array;
}

const FLOATS = new Set<number>([DataType.float32, DataType.float16, DataType.float64]);

/** True for the types that are computed with as floats. */
export function isFloat(dataType: number): boolean {
  return FLOATS.has(dataType);
}

/** The tensor of these numbers, rounded as its type is. */
export function dense(
  dataType: number,
  dims: readonly number[],
  values: Float32Array | Int32Array,
): Dense {
  if (!isFloat(dataType)) {
    return {
      dataType,
      dims,
      data: values instanceof Int32Array ? values : Int32Array.from(values),
    };
  }
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  const half = dataType === DataType.float16;
  return { dataType, dims, data: half ? halfToFloat32(float32ToHalf(floats)) : floats };
}

/** An array of the kind that holds a type. */
export function arrayFor(dataType: number, count: number): Float32Array | Int32Array {
  return isFloat(dataType) ? new Float32Array(count) : new Int32Array(count);
}

/** A stored tensor. Throws a TypeError for types that weights are not made of. */
export async function readDense({ dataType, dims, data, name }: Tensor): Promise<Dense> {
  const bytes = await data.read();
  const count = elementCount(dims);
  if (isFloat(dataType)) return dense(dataType, dims, toFloat32(dataType, bytes, count));
  return { dataType, dims, data: wholes(dataType, bytes, count, name) };
}

const UNSIGNED = new Map<number, 2 | 4>([
  [DataType.uint4, 4],
  [DataType.uint2, 2],
]);
const SIGNED = new Map<number, 2 | 4>([
  [DataType.int4, 4],
  [DataType.int2, 2],
]);

function wholes(dataType: number, bytes: Uint8Array, count: number, name: string): Int32Array {
  const [unsigned, signed] = [UNSIGNED.get(dataType), SIGNED.get(dataType)];
  if (unsigned !== undefined) return Int32Array.from(unpackUnsigned(bytes, unsigned, count));
  if (signed !== undefined) return Int32Array.from(unpackSigned(bytes, signed, count));
  if (dataType === DataType.undefined || dataType === DataType.string) {
    throw new TypeError(`"${name}" holds no numbers.`);
  }
  const view = viewAs(dataType, bytes);
  return Int32Array.from(view as ArrayLike<number | bigint>, clamped);
}

/** Open ends of slices are larger than any size. */
function clamped(value: number | bigint): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number(value)));
}

/** The strides of row-major dims, for the positions of a larger tensor that it is broadcast to. */
export function broadcastStrides(dims: readonly number[], to: readonly number[]): number[] {
  const strides = new Array<number>(to.length).fill(0);
  let stride = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const at = axis + to.length - dims.length;
    if (dims[axis] !== 1) strides[at] = stride;
    stride *= dims[axis];
  }
  return strides;
}

/** Calls `take` with the offset into each source, for every position of `dims` in row-major order. */
export function walkPositions(
  dims: readonly number[],
  strides: readonly (readonly number[])[],
  take: (at: number, offsets: readonly number[]) => void,
): void {
  const count = elementCount(dims);
  const position = new Array<number>(dims.length).fill(0);
  const offsets = new Array<number>(strides.length).fill(0);
  for (let at = 0; at < count; at++) {
    take(at, offsets);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      position[axis]++;
      for (let s = 0; s < strides.length; s++) offsets[s] += strides[s][axis];
      if (position[axis] < dims[axis]) break;
      for (let s = 0; s < strides.length; s++) offsets[s] -= strides[s][axis] * dims[axis];
      position[axis] = 0;
    }
  }
}
