import { LatheError } from '../errors/lathe-error.ts';
import { byteLengthOf, DataType, dataTypeName } from './data-type.ts';
import {
  e8m0ToFloat32,
  FLOAT4_E2M1,
  FLOAT8,
  float32ToE8m0,
  float32ToMiniFloat,
  miniFloatToFloat32,
} from './float8.ts';
import { bfloat16ToFloat32, float32ToBfloat16, float32ToHalf, halfToFloat32 } from './half.ts';
import { roundToEven } from './mini-float.ts';
import { packBits, unpackSigned, unpackUnsigned } from './sub-byte.ts';
import type { ValueData } from './values.ts';
import { viewAs } from './view-as.ts';

type Decode = (bytes: Uint8Array, count: number) => Float32Array;
type Encode = (values: Float32Array, saturate: boolean) => Uint8Array;

interface Conversion {
  readonly decode: Decode;
  readonly encode: Encode;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ValueData) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Integers that have a typed array of their own: rounded to nearest even and clamped to [low, high]. */
function integers(dataType: number, low: number, high: number): Conversion {
  return {
    decode: (bytes) => Float32Array.from(viewAs(dataType, bytes) as ArrayLike<number>),
    encode(values) {
      const bytes = new Uint8Array(byteLengthOf(dataType, [values.length]));
      const out = viewAs(dataType, bytes) as Int32Array;
      for (let i = 0; i < values.length; i++) out[i] = clamp(values[i], low, high);
      return bytes;
    },
  };
}

function bigIntegers(dataType: number, low: bigint, high: bigint): Conversion {
  return {
    decode: (bytes) => Float32Array.from(viewAs(dataType, bytes) as BigInt64Array, Number),
    encode(values) {
      const bytes = new Uint8Array(values.length * 8);
      const out = viewAs(dataType, bytes) as BigInt64Array;
      for (let i = 0; i < values.length; i++) out[i] = clampBig(values[i], low, high);
      return bytes;
    },
  };
}

function packed(bits: 2 | 4, signed: boolean): Conversion {
  const low = signed ? -(2 ** (bits - 1)) : 0;
  const high = low + 2 ** bits - 1;
  const unpack = signed ? unpackSigned : unpackUnsigned;
  return {
    decode: (bytes, count) => Float32Array.from(unpack(bytes, bits, count)),
    encode: (values) =>
      packBits(
        Int8Array.from(values, (v) => clamp(v, low, high)),
        bits,
      ),
  };
}

function float8(format: (typeof FLOAT8)[keyof typeof FLOAT8]): Conversion {
  return {
    decode: (bytes) => miniFloatToFloat32(format, bytes),
    encode: (values) => float32ToMiniFloat(format, values),
  };
}

const FLOATS: Readonly<Record<number, Conversion>> = {
  [DataType.float32]: {
    decode: (bytes) => viewAs(DataType.float32, bytes) as Float32Array,
    encode: (values) => bytesOf(values.slice()),
  },
  [DataType.float64]: {
    decode: (bytes) => Float32Array.from(viewAs(DataType.float64, bytes) as Float64Array),
    encode: (values) => bytesOf(Float64Array.from(values)),
  },
  [DataType.float16]: {
    decode: (bytes) => halfToFloat32(viewAs(DataType.float16, bytes) as Uint16Array),
    encode: (values, saturate) => bytesOf(float32ToHalf(values, saturate)),
  },
  [DataType.bfloat16]: {
    decode: (bytes) => bfloat16ToFloat32(viewAs(DataType.bfloat16, bytes) as Uint16Array),
    encode: (values, saturate) => bytesOf(float32ToBfloat16(values, saturate)),
  },
  [DataType.float8e4m3fn]: float8(FLOAT8.e4m3fn),
  [DataType.float8e4m3fnuz]: float8(FLOAT8.e4m3fnuz),
  [DataType.float8e5m2]: float8(FLOAT8.e5m2),
  [DataType.float8e5m2fnuz]: float8(FLOAT8.e5m2fnuz),
  [DataType.float8e8m0]: {
    decode: (bytes) => e8m0ToFloat32(bytes),
    encode: (values) => float32ToE8m0(values),
  },
  [DataType.float4e2m1]: {
    decode: (bytes, count) => miniFloatToFloat32(FLOAT4_E2M1, unpackUnsigned(bytes, 4, count)),
    encode: (values) => packBits(float32ToMiniFloat(FLOAT4_E2M1, values), 4),
  },
};

const INTEGERS: Readonly<Record<number, Conversion>> = {
  [DataType.int8]: integers(DataType.int8, -128, 127),
  [DataType.uint8]: integers(DataType.uint8, 0, 255),
  [DataType.int16]: integers(DataType.int16, -32768, 32767),
  [DataType.uint16]: integers(DataType.uint16, 0, 65535),
  [DataType.int32]: integers(DataType.int32, -(2 ** 31), 2 ** 31 - 1),
  [DataType.uint32]: integers(DataType.uint32, 0, 2 ** 32 - 1),
  [DataType.int64]: bigIntegers(DataType.int64, -(2n ** 63n), 2n ** 63n - 1n),
  [DataType.uint64]: bigIntegers(DataType.uint64, 0n, 2n ** 64n - 1n),
  [DataType.uint4]: packed(4, false),
  [DataType.int4]: packed(4, true),
  [DataType.uint2]: packed(2, false),
  [DataType.int2]: packed(2, true),
  [DataType.bool]: {
    decode: (bytes) => Float32Array.from(bytes, (byte) => (byte === 0 ? 0 : 1)),
    encode: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
  },
};

function conversion(dataType: number): Conversion {
  const found = FLOATS[dataType] ?? INTEGERS[dataType];
  if (found) return found;
  throw new LatheError(
    'tensor-convert',
    `Values of type ${dataTypeName(dataType) ?? dataType} cannot be turned into float32 numbers; only real numeric tensors can be.`,
    { dataType },
  );
}

/** Types a weight can be read from and written back to. */
export function isFloatType(dataType: number): boolean {
  return WEIGHT_TYPES.has(dataType);
}

const WEIGHT_TYPES: ReadonlySet<number> = new Set([
  DataType.float32,
  DataType.float16,
  DataType.bfloat16,
  DataType.float64,
]);

/**
 * `count` elements of little-endian `bytes` as float32: exact for every type of at most 24 significant
 * bits, rounded to nearest for float64 and wide integers. A float32 tensor is a view where alignment
 * allows; callers must not write to it. Throws `tensor-convert` for strings, complex and unknown types,
 * `tensor-length` when the bytes are fewer than `count` elements need.
 */
export function toFloat32(dataType: number, bytes: Uint8Array, count: number): Float32Array {
  const { decode } = conversion(dataType);
  const byteLength = byteLengthOf(dataType, [count]);
  if (bytes.byteLength < byteLength) {
    throw new LatheError(
      'tensor-length',
      `${count} values of type ${dataTypeName(dataType)} need ${byteLength} bytes, but there are only ${bytes.byteLength}; the tensor is damaged.`,
      { count, dataType },
    );
  }
  return decode(bytes.subarray(0, byteLength), count);
}

/**
 * float32 values as little-endian bytes of `dataType`, rounded to nearest even. Integers are clamped
 * to their range (NaN becomes 0), float8/float4 saturate as ONNX Cast does; float16 and bfloat16
 * overflow to ±∞ as Cast does, or with `saturate` (what stored weights need) to their largest value;
 * sub-byte types are packed. Throws `tensor-convert` for strings, complex and unknown types.
 */
export function fromFloat32(dataType: number, values: Float32Array, saturate = false): Uint8Array {
  return conversion(dataType).encode(values, saturate);
}

function clamp(value: number, low: number, high: number): number {
  if (Number.isNaN(value)) return 0;
  return roundToEven(Math.min(Math.max(value, low), high));
}

function clampBig(value: number, low: bigint, high: bigint): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value <= Number(low)) return low;
  if (value >= Number(high)) return high;
  return BigInt(roundToEven(value));
}
