import { unpackSigned, unpackUnsigned } from '../../../src/core/tensor/sub-byte.ts';
import { toFloat32 } from '../../../src/core/tensor/convert.ts';
import { DataType, elementCount } from '../../../src/core/tensor/data-type.ts';
import type { Value } from '../../../src/core/tensor/values.ts';
import { viewAs } from '../../../src/core/tensor/view-as.ts';
import type { Tensor } from '../../../src/core/onnx/types.ts';

/**
 * A tensor of the reference interpreter. Every element is a float64, whatever `dataType` says: float
 * types are not rounded (so derivatives by differences come out smooth), integers and booleans are
 * whole numbers.
 */
export interface F64Value {
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

export function f64(
  dims: readonly number[],
  data: ArrayLike<number>,
  dataType: number = DataType.float32,
): F64Value {
  const count = elementCount(dims);
  if (data.length !== count) {
    throw new Error(`[${dims.join(', ')}] takes ${count} values, not ${data.length}.`);
  }
  return { dataType, dims: [...dims], data: Float64Array.from(data) };
}

export const longs = (dims: readonly number[], data: readonly number[]): F64Value =>
  f64(dims, data, DataType.int64);

/** A value whose element `i` is `element(i)`. */
export function generate(
  dataType: number,
  dims: readonly number[],
  element: (index: number) => number,
): F64Value {
  const data = new Float64Array(elementCount(dims));
  for (let i = 0; i < data.length; i++) data[i] = element(i);
  return { dataType, dims: [...dims], data };
}

/** An initializer's or attribute's numbers, exactly. Its bytes must be in memory. */
export function f64FromTensor({ name, dataType, dims, data }: Tensor): F64Value {
  const bytes = data.readSync?.();
  if (!bytes) throw new Error(`The bytes of "${name}" are not in memory.`);
  return { dataType, dims, data: decode(dataType, bytes, elementCount(dims)) };
}

/** A session's value in float64. */
export function f64FromValue({ dataType, dims, data }: Value): F64Value {
  return { dataType, dims, data: Float64Array.from(data as ArrayLike<number>, Number) };
}

function decode(dataType: number, bytes: Uint8Array, count: number): Float64Array {
  if (dataType === DataType.int64 || dataType === DataType.uint64) {
    return Float64Array.from(viewAs(dataType, bytes) as BigInt64Array, Number);
  }
  if (dataType === DataType.int4 || dataType === DataType.int2) {
    return Float64Array.from(unpackSigned(bytes, dataType === DataType.int4 ? 4 : 2, count));
  }
  if (dataType === DataType.uint4 || dataType === DataType.uint2) {
    return Float64Array.from(unpackUnsigned(bytes, dataType === DataType.uint4 ? 4 : 2, count));
  }
  const wide = [DataType.float64, DataType.int32, DataType.uint32] as number[];
  if (wide.includes(dataType)) {
    return Float64Array.from(viewAs(dataType, bytes) as Float64Array);
  }
  return Float64Array.from(toFloat32(dataType, bytes, count));
}

const FLOATS = new Set<number>([
  DataType.float32,
  DataType.float64,
  DataType.float16,
  DataType.bfloat16,
]);

export const isFloat = (dataType: number): boolean => FLOATS.has(dataType);
