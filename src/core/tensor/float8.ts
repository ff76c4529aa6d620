import { encodeMiniFloat, type MiniFloat, miniFloatTable } from './mini-float.ts';

/** The 8-bit floats of "FP8 Formats for Deep Learning" (2209.05433) and "8-bit Numerical Formats" (2206.02915: uz). */
export const FLOAT8 = {
  e4m3fn: {
    bits: 8,
    mantissaBits: 3,
    bias: 7,
    max: 448,
    nan: 0x7f,
    saturatedInfinity: 'max',
  },
  e4m3fnuz: {
    bits: 8,
    mantissaBits: 3,
    bias: 8,
    max: 240,
    nan: 0x80,
    unsignedZero: true,
    saturatedInfinity: 'nan',
  },
  e5m2: {
    bits: 8,
    mantissaBits: 2,
    bias: 15,
    max: 57344,
    nan: 0x7f,
    infinity: 0x7c,
    saturatedInfinity: 'max',
  },
  e5m2fnuz: {
    bits: 8,
    mantissaBits: 2,
    bias: 16,
    max: 57344,
    nan: 0x80,
    unsignedZero: true,
    saturatedInfinity: 'nan',
  },
} as const satisfies Record<string, MiniFloat>;

/** The 4-bit float of OCP Microscaling Formats 1.0: 0, ½, 1, 1½, 2, 3, 4, 6 and their negatives. */
export const FLOAT4_E2M1: MiniFloat = {
  bits: 4,
  mantissaBits: 1,
  bias: 1,
  max: 6,
  saturatedInfinity: 'max',
};

/** The 6-bit floats of OCP Microscaling Formats 1.0, which have neither ∞ nor NaN. */
export const FLOAT6 = {
  e2m3: { bits: 6, mantissaBits: 3, bias: 1, max: 7.5, saturatedInfinity: 'max' },
  e3m2: { bits: 6, mantissaBits: 2, bias: 3, max: 28, saturatedInfinity: 'max' },
} as const satisfies Record<string, MiniFloat>;

const tables = new Map<MiniFloat, Float32Array>();

/** Bit patterns → float32, exact. One pattern per entry of `codes` (4-bit formats unpacked). */
export function miniFloatToFloat32(format: MiniFloat, codes: Uint8Array): Float32Array {
  let table = tables.get(format);
  if (!table) tables.set(format, (table = miniFloatTable(format)));
  const out = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = table[codes[i]];
  return out;
}

/** float32 → bit patterns, ties to even, saturating unless told otherwise (see {@link encodeMiniFloat}). */
export function float32ToMiniFloat(
  format: MiniFloat,
  values: Float32Array,
  saturate = true,
): Uint8Array {
  return Uint8Array.from(values, (value) => encodeMiniFloat(format, value, saturate));
}

/** E8M0 (OCP MX scale): 2^(code − 127), 255 is NaN. */
export function e8m0ToFloat32(codes: Uint8Array): Float32Array {
  return Float32Array.from(codes, (code) => (code === 255 ? NaN : 2 ** (code - 127)));
}

/** float32 → E8M0, rounded up to the next power of two (ONNX Cast's default); negative and NaN give NaN. */
export function float32ToE8m0(values: Float32Array): Uint8Array {
  return Uint8Array.from(values, (value) => {
    if (!(value >= 0)) return 255;
    if (value === 0) return 0;
    let exponent = Math.ceil(Math.log2(value));
    if (2 ** (exponent - 1) >= value) exponent--;
    if (2 ** exponent < value) exponent++;
    return Math.min(Math.max(exponent + 127, 0), 254);
  });
}
