import { DataType } from '../tensor/data-type.ts';

/** Largest finite half: (2 − 2⁻¹⁰)·2¹⁵. */
export const HALF_MAXIMUM = 65504;

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/**
 * float32 → IEEE half bits, round to nearest even. Finite values beyond ±65504 saturate instead of
 * becoming infinite: one infinite weight makes every output NaN.
 */
export function toHalf(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = halfOf(values[i]);
  return out;
}

function halfOf(value: number): number {
  word[0] = value;
  const x = bits[0];
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude === 0x7f800000) return sign | 0x7c00;
  if (magnitude >= 0x477fe000) return sign | 0x7bff;
  if (magnitude >= 0x38800000) return sign | roundShift(magnitude - 0x38000000, 13);
  if (magnitude < 0x33000000) return sign;
  const exponent = magnitude >>> 23;
  return sign | roundShift((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
}

/** x / 2^n rounded to nearest, ties to even. */
function roundShift(x: number, n: number): number {
  const down = x >>> n;
  const rest = x & (2 ** n - 1);
  const half = 2 ** (n - 1);
  return rest > half || (rest === half && (down & 1) === 1) ? down + 1 : down;
}

/** IEEE half bits → float32, exact. */
export function fromHalf(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = floatOf(halves[i]);
  return out;
}

function floatOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** True when some finite value lies outside ±65504 and {@link toHalf} would cut it. */
export function exceedsHalf(values: Float32Array): boolean {
  return values.some((v) => Math.abs(v) > HALF_MAXIMUM && Number.isFinite(v));
}

/** Types a weight can be read from and written back to. */
export function isFloatType(dataType: number): boolean {
  return FLOAT_TYPES.has(dataType);
}

const FLOAT_TYPES: ReadonlySet<number> = new Set([
  DataType.float32,
  DataType.float16,
  DataType.bfloat16,
  DataType.float64,
]);

/** Little-endian bytes of a float tensor as float32 values (a copy, aligned). */
export function floatsFromBytes(bytes: Uint8Array, dataType: number): Float32Array {
  // Not slice(): a Node Buffer is a Uint8Array whose slice() shares memory instead of copying it.
  const { buffer } = new Uint8Array(bytes);
  if (dataType === DataType.float16) return fromHalf(new Uint16Array(buffer));
  if (dataType === DataType.bfloat16) return fromBfloat16(new Uint16Array(buffer));
  if (dataType === DataType.float64) return Float32Array.from(new Float64Array(buffer));
  return new Float32Array(buffer);
}

/** float32 values as the little-endian bytes of a float tensor of `dataType`. */
export function bytesFromFloats(values: Float32Array, dataType: number): Uint8Array {
  const data =
    dataType === DataType.float16
      ? toHalf(values)
      : dataType === DataType.bfloat16
        ? toBfloat16(values)
        : dataType === DataType.float64
          ? Float64Array.from(values)
          : values;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function fromBfloat16(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i] << 16;
  return new Float32Array(words.buffer);
}

function toBfloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(Float32Array.from(values).buffer);
  return Uint16Array.from(words, (x) => roundShift(x, 16));
}
