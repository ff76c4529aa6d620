/**
 * The two 16-bit floats: IEEE 754 binary16 (1 sign, 5 exponent bits with bias 15, 10 mantissa bits) and
 * bfloat16, the upper half of a float32 (1 sign, 8 exponent, 7 mantissa bits).
 */

/** Largest finite half: (2 − 2⁻¹⁰)·2¹⁵. */
export const HALF_MAXIMUM = 65504;

let decoded: Uint32Array | undefined;

/** All 65536 halves as float32 bits; built once, because a lookup is faster than any arithmetic. */
function table(): Uint32Array {
  decoded ??= Uint32Array.from({ length: 65536 }, (_, half) => float32Bits(half));
  return decoded;
}

function float32Bits(half: number): number {
  const sign = (half & 0x8000) * 0x10000;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 0x3ff;
  if (exponent === 31) return sign + 0x7f800000 + mantissa * 0x2000;
  if (exponent > 0) return sign + (exponent + 112) * 0x800000 + mantissa * 0x2000;
  if (mantissa === 0) return sign;
  // Subnormal: mantissa · 2⁻²⁴ is a normal float32; shift its leading one into the hidden place.
  const shift = Math.clz32(mantissa) - 21;
  return sign + (113 - shift) * 0x800000 + ((mantissa << shift) & 0x3ff) * 0x2000;
}

/** Float32 bits → binary16 bits, round to nearest even; overflow gives `sign | overflow`, NaN stays NaN. */
function halfBits(bits: number, overflow: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >> 13) & 0x3ff);
  if (magnitude === 0x7f800000) return sign | 0x7c00;
  if (magnitude >= 0x477ff000) return sign | overflow; // ≥ 65520 rounds beyond the largest half
  if (magnitude >= 0x38800000) {
    const rebiased = magnitude - 0x38000000;
    return sign | ((rebiased + 0xfff + ((rebiased >> 13) & 1)) >> 13);
  }
  if (magnitude <= 0x33000000) return sign; // ≤ 2⁻²⁵ rounds to zero
  const shift = 126 - (magnitude >> 23);
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const quotient = mantissa >> shift;
  const remainder = mantissa & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  const up = remainder > tie || (remainder === tie && (quotient & 1) === 1);
  return sign | (quotient + (up ? 1 : 0));
}

/** binary16 bits → float32, exact for every one of the 65536 patterns (NaN payloads included). */
export function halfToFloat32(bits: Uint16Array): Float32Array {
  const lookup = table();
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = lookup[bits[i]];
  return new Float32Array(out.buffer);
}

/**
 * float32 → binary16 bits, round to nearest even incl. subnormals. Finite values that round beyond
 * ±65504 become ±∞ (as ONNX Cast does), or ±65504 with `saturate`: what a stored weight needs, because
 * one infinite weight makes every output NaN. Infinities stay infinite, NaN stays a quiet NaN.
 */
export function float32ToHalf(values: Float32Array, saturate = false): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const overflow = saturate ? 0x7bff : 0x7c00;
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = halfBits(bits[i], overflow);
  return out;
}

/** True when some finite value lies outside ±65504, where saturating would cut it. */
export function exceedsHalf(values: Float32Array): boolean {
  return values.some((v) => Math.abs(v) > HALF_MAXIMUM && Number.isFinite(v));
}

/** bfloat16 bits → float32, exact. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = bits[i] << 16;
  return new Float32Array(out.buffer);
}

/**
 * float32 → bfloat16 bits, round to nearest even. Finite values that round beyond the largest bfloat16
 * become ±∞, or that largest value with `saturate`. NaN stays a quiet NaN.
 */
export function float32ToBfloat16(values: Float32Array, saturate = false): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = bfloat16Bits(bits[i], saturate);
  return out;
}

function bfloat16Bits(bits: number, saturate: boolean): number {
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return (bits >>> 16) | 0x40;
  const rounded = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  const overflows = magnitude < 0x7f800000 && (rounded & 0x7fff) === 0x7f80;
  return saturate && overflows ? rounded - 1 : rounded;
}
