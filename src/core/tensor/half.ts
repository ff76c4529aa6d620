/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 mantissa bits. */

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

/** Float32 bits → binary16 bits, round to nearest even; overflow gives ±∞, NaN stays NaN. */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >> 13) & 0x3ff);
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // ≥ 65520 rounds to infinity
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

/** float32 → binary16 bits, round to nearest even incl. subnormals; |x| ≥ 65520 becomes ±∞. */
export function float32ToHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = halfBits(bits[i]);
  return out;
}
