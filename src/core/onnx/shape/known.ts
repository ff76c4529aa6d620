import { byteLengthOf, DataType } from '../../tensor/data-type.ts';
import { float32ToHalf, halfToFloat32 } from '../../tensor/half.ts';
import { viewAs } from '../../tensor/view-as.ts';
import type { Value, ValueData } from '../../tensor/values.ts';
import { bytesAtHand } from '../at-hand.ts';
import type { Tensor } from '../types.ts';
import type { Dim } from './dimension.ts';
import type { Known } from './types.ts';

/** Computed tensors above this are not carried: shapes and small masks are, weights are not. */
export const KNOWN_BYTES = 65536;

/**
 * Stored tensors are read only when they look like shape arithmetic: whole numbers and truth values
 * up to 64 KiB, anything else up to 1 KiB. Small weights, and packed bytes that operators in the
 * graph unpack, must never be computed through: that would undo a compression.
 */
const SOURCE_BYTES: Readonly<Record<number, number>> = {
  [DataType.int64]: KNOWN_BYTES,
  [DataType.int32]: KNOWN_BYTES,
  [DataType.bool]: KNOWN_BYTES,
  [DataType.float32]: 1024,
  [DataType.float64]: 1024,
  [DataType.float16]: 1024,
  [DataType.int8]: 64,
  [DataType.uint8]: 64,
  [DataType.int16]: 64,
  [DataType.uint16]: 64,
  [DataType.uint32]: 64,
  [DataType.uint64]: 64,
};

const WHOLE_RANGE: Readonly<Record<number, readonly [number, number]>> = {
  [DataType.int8]: [-128, 127],
  [DataType.uint8]: [0, 255],
  [DataType.int16]: [-32768, 32767],
  [DataType.uint16]: [0, 65535],
  [DataType.int32]: [-(2 ** 31), 2 ** 31 - 1],
  [DataType.uint32]: [0, 2 ** 32 - 1],
  [DataType.int64]: [-(2 ** 63), 2 ** 63],
  [DataType.uint64]: [0, 2 ** 64],
};

/** True for the whole-number types, bool not among them. */
export function isWholeType(dataType: number): boolean {
  return WHOLE_RANGE[dataType] !== undefined;
}

/** True when a tensor of these dimensions is small enough to be carried along. */
export function isCarried(
  dataType: number,
  dims: readonly Dim[] | undefined,
): dims is readonly number[] {
  if (!dims || SOURCE_BYTES[dataType] === undefined) return false;
  return (
    dims.every((dim) => typeof dim === 'number') && byteLengthOf(dataType, dims) <= KNOWN_BYTES
  );
}

/** Most bytes of a stored tensor of this type that are looked at; −1 for types that never are. */
export function sourceBytes(dataType: number): number {
  return SOURCE_BYTES[dataType] ?? -1;
}

/** The elements of a stored tensor, when it is small and its bytes are in memory. */
export function knownFromTensor(tensor: Tensor): Known | undefined {
  const { dataType, dims, data } = tensor;
  if (data.byteLength > sourceBytes(dataType) || tensor.strings) return undefined;
  const bytes = bytesAtHand(data);
  if (!bytes || byteLengthOf(dataType, dims) !== data.byteLength) return undefined;
  const view = viewAs(dataType, bytes);
  const values =
    dataType === DataType.float16 && view instanceof Uint16Array ? halfToFloat32(view) : view;
  return { dataType, dims, elements: Array.from<number | bigint, number>(values, Number) };
}

/**
 * One computed number as `dataType` holds it: rounded for floats; undefined for a whole number out of
 * range or too large to be exact here.
 */
export function rounded(dataType: number, value: number): number | undefined {
  if (dataType === DataType.float32) return Math.fround(value);
  if (dataType === DataType.float64) return value;
  if (dataType === DataType.float16)
    return halfToFloat32(float32ToHalf(new Float32Array([value])))[0];
  if (dataType === DataType.bool) return value === 0 ? 0 : 1;
  const range = WHOLE_RANGE[dataType];
  if (!range || !Number.isSafeInteger(value)) return undefined;
  return value >= range[0] && value <= range[1] ? value + 0 : undefined;
}

type Encoder = (values: readonly number[]) => ValueData;

const bigs = (values: readonly number[], low: bigint, high: bigint): bigint[] =>
  values.map((value) => {
    const big = BigInt(value);
    return big < low ? low : big > high ? high : big;
  });

const ENCODERS: Readonly<Record<number, Encoder>> = {
  [DataType.float32]: (values) => Float32Array.from(values),
  [DataType.float64]: (values) => Float64Array.from(values),
  [DataType.float16]: (values) => float32ToHalf(Float32Array.from(values)),
  [DataType.int8]: (values) => Int8Array.from(values),
  [DataType.uint8]: (values) => Uint8Array.from(values),
  [DataType.bool]: (values) => Uint8Array.from(values),
  [DataType.int16]: (values) => Int16Array.from(values),
  [DataType.uint16]: (values) => Uint16Array.from(values),
  [DataType.int32]: (values) => Int32Array.from(values),
  [DataType.uint32]: (values) => Uint32Array.from(values),
  [DataType.int64]: (values) => BigInt64Array.from(bigs(values, -(2n ** 63n), 2n ** 63n - 1n)),
  [DataType.uint64]: (values) => BigUint64Array.from(bigs(values, 0n, 2n ** 64n - 1n)),
};

/** A known tensor as a value in memory; undefined when an element is symbolic or unknown. */
export function valueOf(known: Known): Value | undefined {
  const numbers: number[] = [];
  for (const element of known.elements) {
    if (typeof element !== 'number') return undefined;
    numbers.push(element);
  }
  const data = ENCODERS[known.dataType]?.(numbers);
  return data && { dataType: known.dataType, dims: known.dims, data };
}
