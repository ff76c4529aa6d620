import { LatheError } from '../core/errors/lathe-error.ts';
import { float32ToHalf, halfToFloat32 } from '../core/tensor/half.ts';
import { DataType, dataTypeName, elementCount } from '../core/tensor/data-type.ts';
import type { Value, ValueData } from '../core/tensor/values.ts';

/** Named arrays for one run of a session. */
export type Feeds = Readonly<Record<string, Value>>;

type Fill = (index: number) => number;

const MAKERS: Readonly<Record<number, (length: number, fill: Fill) => ValueData>> = {
  [DataType.float32]: (length, fill) => Float32Array.from({ length }, (_, i) => fill(i)),
  [DataType.float64]: (length, fill) => Float64Array.from({ length }, (_, i) => fill(i)),
  [DataType.float16]: (length, fill) =>
    float32ToHalf(Float32Array.from({ length }, (_, i) => fill(i))),
  [DataType.int8]: (length, fill) => Int8Array.from({ length }, (_, i) => fill(i)),
  [DataType.uint8]: (length, fill) => Uint8Array.from({ length }, (_, i) => fill(i)),
  [DataType.int16]: (length, fill) => Int16Array.from({ length }, (_, i) => fill(i)),
  [DataType.uint16]: (length, fill) => Uint16Array.from({ length }, (_, i) => fill(i)),
  [DataType.int32]: (length, fill) => Int32Array.from({ length }, (_, i) => fill(i)),
  [DataType.uint32]: (length, fill) => Uint32Array.from({ length }, (_, i) => fill(i)),
  [DataType.int64]: (length, fill) =>
    BigInt64Array.from({ length }, (_, i) => BigInt(Math.trunc(fill(i)))),
  [DataType.uint64]: (length, fill) =>
    BigUint64Array.from({ length }, (_, i) => BigInt(Math.trunc(fill(i)))),
  [DataType.bool]: (length, fill) => Uint8Array.from({ length }, (_, i) => Number(fill(i) !== 0)),
};

/** A value of any type a session takes, element by element. */
export function makeValue(dataType: number, dims: readonly number[], fill: Fill): Value {
  const make = MAKERS[dataType];
  if (make === undefined) {
    throw new LatheError(
      'value-type',
      `Arrays of type ${dataTypeName(dataType) ?? dataType} cannot be made for a session; use a model whose inputs are plain numbers.`,
    );
  }
  return { dataType, dims, data: make(elementCount(dims), fill) };
}

/** The elements as float32 numbers; the array itself when it is float32 already. */
export function toFloats(value: Value): Float32Array {
  const { data, dataType } = value;
  if (data instanceof Float32Array) return data;
  if (dataType === DataType.float16 && data instanceof Uint16Array) return halfToFloat32(data);
  return Float32Array.from(data as ArrayLike<number>, Number);
}

/** The value in another dtype; itself when it has that dtype already. */
export function castValue(value: Value, dataType: number): Value {
  if (value.dataType === dataType) return value;
  const { data } = value;
  if (value.dataType === DataType.float16) {
    const floats = toFloats(value);
    return makeValue(dataType, value.dims, (i) => floats[i]);
  }
  return makeValue(dataType, value.dims, (i) => Number(data[i]));
}

/** Whole numbers that a type holds exactly, all between these. */
const WHOLE: Readonly<Record<number, readonly [number, number]>> = {
  [DataType.bool]: [0, 1],
  [DataType.uint8]: [0, 255],
  [DataType.int8]: [-128, 127],
  [DataType.uint16]: [0, 65535],
  [DataType.int16]: [-32768, 32767],
  [DataType.uint32]: [0, 2 ** 32 - 1],
  [DataType.int32]: [-(2 ** 31), 2 ** 31 - 1],
  [DataType.uint64]: [0, Number.MAX_SAFE_INTEGER],
  [DataType.int64]: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};
const WHOLE_IN_FLOAT: typeof WHOLE = {
  [DataType.float16]: [-(2 ** 11), 2 ** 11],
  [DataType.float32]: [-(2 ** 24), 2 ** 24],
};

/**
 * The first number that would not survive {@link castValue} to `dataType`, where whole numbers are on
 * either side; undefined when all do. (Between floats, rounding is what casting means.)
 */
export function lostByCast(value: Value, dataType: number): number | undefined {
  const range = WHOLE[dataType] ?? (value.dataType in WHOLE ? WHOLE_IN_FLOAT[dataType] : undefined);
  if (value.dataType === dataType || range === undefined) return undefined;
  const [least, most] = range;
  const data = value.dataType === DataType.float16 ? toFloats(value) : value.data;
  for (let i = 0; i < data.length; i++) {
    const number = Number(data[i]);
    if (!(Number.isInteger(number) && number >= least && number <= most)) return number;
  }
  return undefined;
}
