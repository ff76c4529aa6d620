/** Floating-point formats of at most 8 bits that are a sign, an exponent and a mantissa. */
export interface MiniFloat {
  readonly bits: 4 | 6 | 8;
  readonly mantissaBits: number;
  readonly bias: number;
  /** Largest finite magnitude. */
  readonly max: number;
  /** Bit pattern of NaN; undefined where the format has none (then NaN becomes `max`). */
  readonly nan?: number;
  /** Bit pattern of +∞; undefined where the format has none. */
  readonly infinity?: number;
  /** The "uz" formats: no negative zero, its pattern is the NaN. */
  readonly unsignedZero?: boolean;
  /** What ±∞ becomes when saturating: ONNX gives NaN in the "uz" formats, the largest value elsewhere. */
  readonly saturatedInfinity: 'max' | 'nan';
}

/** Value of one bit pattern: (−1)ˢ · 2^(e−bias) · 1.m, subnormal for e = 0. */
export function decodeMiniFloat(format: MiniFloat, code: number): number {
  const { bits, mantissaBits, bias, nan, infinity, unsignedZero } = format;
  const signBit = 1 << (bits - 1);
  const magnitude = code & (signBit - 1);
  if (unsignedZero ? code === nan : nan !== undefined && isNaNCode(format, magnitude)) return NaN;
  const sign = code & signBit ? -1 : 1;
  if (magnitude === infinity) return sign * Infinity;
  const exponent = magnitude >> mantissaBits;
  const fraction = (magnitude & ((1 << mantissaBits) - 1)) / (1 << mantissaBits);
  const value =
    exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
  return sign * value;
}

function isNaNCode({ nan, infinity }: MiniFloat, magnitude: number): boolean {
  return infinity === undefined ? magnitude === nan : magnitude > infinity;
}

/** All values of a format, indexed by bit pattern. */
export function miniFloatTable(format: MiniFloat): Float32Array {
  return Float32Array.from({ length: 1 << format.bits }, (_, code) =>
    decodeMiniFloat(format, code),
  );
}

/**
 * Bit pattern nearest to `value`, ties to even. With `saturate` (ONNX Cast's default) too large
 * finite values become ±max; without it they become ±∞ or, where there is none, NaN.
 */
export function encodeMiniFloat(format: MiniFloat, value: number, saturate = true): number {
  const { bits, mantissaBits, bias, max, unsignedZero } = format;
  const sign = value < 0 || Object.is(value, -0) ? 1 << (bits - 1) : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return format.nan ?? maxCode(format);
  if (magnitude === Infinity) return sign | infinityCode(format, saturate);
  const exponent = Math.max(binaryExponent(magnitude), 1 - bias);
  const steps = roundToEven(magnitude / 2 ** (exponent - mantissaBits));
  if (steps * 2 ** (exponent - mantissaBits) > max) return overflow(format, sign, saturate);
  // `steps` holds the hidden one of a normal number, which is what the exponent field counts.
  const code = ((exponent + bias - 1) << mantissaBits) + steps;
  return code === 0 && unsignedZero ? 0 : sign | code;
}

function overflow(format: MiniFloat, sign: number, saturate: boolean): number {
  if (saturate) return sign | maxCode(format);
  const { infinity, nan } = format;
  return infinity !== undefined ? sign | infinity : sign | (nan ?? maxCode(format));
}

function infinityCode(format: MiniFloat, saturate: boolean): number {
  const { infinity, nan, saturatedInfinity } = format;
  if (!saturate) return infinity ?? nan ?? maxCode(format);
  return saturatedInfinity === 'nan' ? (nan ?? maxCode(format)) : maxCode(format);
}

function maxCode({ max, mantissaBits, bias }: MiniFloat): number {
  const exponent = binaryExponent(max);
  return ((exponent + bias - 1) << mantissaBits) + max / 2 ** (exponent - mantissaBits);
}

/** ⌊log₂ x⌋ of a positive number, exact (Math.log2 is not at powers of two); very small for 0. */
function binaryExponent(magnitude: number): number {
  if (magnitude === 0) return -2000;
  let exponent = Math.floor(Math.log2(magnitude));
  if (2 ** exponent > magnitude) exponent--;
  if (2 ** (exponent + 1) <= magnitude) exponent++;
  return exponent;
}

/** Nearest integer, ties to even. */
export function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
