/** ONNX `TensorProto.DataType` numbers (onnx.proto, IR version 13). */
export const DataType = {
  undefined: 0,
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
  float8e8m0: 24,
  uint2: 25,
  int2: 26,
} as const;

export type DataTypeName = keyof typeof DataType;

const NAMES = new Map<number, DataTypeName>(
  (Object.keys(DataType) as DataTypeName[]).map((name) => [DataType[name], name]),
);

const BITS: Record<DataTypeName, number> = {
  undefined: 0,
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  string: 0,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
  float8e8m0: 8,
  uint2: 2,
  int2: 2,
};

/** Name of an ONNX data type number; `undefined` for a number this version does not know. */
export function dataTypeName(dataType: number): DataTypeName | undefined {
  return NAMES.get(dataType);
}

/** Bits of one element; 0 for strings and unknown types (their size is not fixed). */
export function bitsPerElement(dataType: number): number {
  const name = NAMES.get(dataType);
  return name === undefined ? 0 : BITS[name];
}

/** Number of elements of a tensor: ∏ dims (1 for a scalar). */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, d) => product * d, 1);
}

/** Bytes of a dense tensor; sub-byte types are packed, the last byte padded: ⌈∏dims · bits / 8⌉. */
export function byteLengthOf(dataType: number, dims: readonly number[]): number {
  return Math.ceil((elementCount(dims) * bitsPerElement(dataType)) / 8);
}
