import { describe, expect, it } from 'vitest';
import {
  bfloat16ToFloat32,
  exceedsHalf,
  float32ToBfloat16,
  float32ToHalf,
  halfToFloat32,
} from './half.ts';

const every = Uint16Array.from({ length: 65536 }, (_, i) => i);
const half = (x: number) => float32ToHalf(Float32Array.of(x))[0];
const bfloat = (x: number) => float32ToBfloat16(Float32Array.of(x))[0];

/** The definition of binary16, in float64. */
function halfValue(code: number): number {
  const sign = code >> 15 ? -1 : 1;
  const exponent = (code >> 10) & 31;
  const fraction = (code & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

describe('float16', () => {
  it('decodes every pattern to its defined value', () => {
    const values = halfToFloat32(every);
    expect(every.filter((code) => !Object.is(values[code], halfValue(code)))).toHaveLength(0);
  });

  it('encodes every decoded pattern back to itself, NaN to a quiet NaN of the same payload', () => {
    const back = float32ToHalf(halfToFloat32(every));
    const want = every.map((code) => ((code & 0x7fff) > 0x7c00 ? code | 0x200 : code));
    expect(back).toEqual(want);
  });

  it('rounds every midpoint to the even neighbour, and anything beside it to the nearer one', () => {
    const wrong = [...every.subarray(0, 0x7bff)].filter((code) => {
      const middle = (halfValue(code) + halfValue(code + 1)) / 2;
      const step = (halfValue(code + 1) - halfValue(code)) * 2 ** -10;
      const nearest =
        half(middle - step) === code && half(-middle - step) === ((code + 1) | 0x8000);
      return !nearest || half(middle) !== (code % 2 === 0 ? code : code + 1);
    });
    expect(wrong).toEqual([]);
  });

  it('overflows to infinity from 65520 on and underflows to a signed zero', () => {
    expect([half(65519.99), half(65520), half(-1e30)]).toEqual([0x7bff, 0x7c00, 0xfc00]);
    expect([half(2 ** -25), half(2 ** -25 * 1.001), half(-(2 ** -25))]).toEqual([0, 1, 0x8000]);
    expect(half(Infinity)).toBe(0x7c00);
  });

  it('saturates finite values when asked to, and leaves every other value as it was', () => {
    const large = Float32Array.of(65519.99, 65520, -1e30, Infinity, -Infinity);
    expect([...float32ToHalf(large, true)]).toEqual([0x7bff, 0x7bff, 0xfbff, 0x7c00, 0xfc00]);
    const decoded = halfToFloat32(every);
    expect(float32ToHalf(decoded, true)).toEqual(float32ToHalf(decoded));
    expect(exceedsHalf(Float32Array.of(65504, Infinity))).toBe(false);
    expect(exceedsHalf(Float32Array.of(65505))).toBe(true);
  });
});

describe('bfloat16', () => {
  it('keeps every pattern, NaN as a quiet NaN', () => {
    const back = float32ToBfloat16(bfloat16ToFloat32(every));
    const want = every.map((code) => ((code & 0x7fff) > 0x7f80 ? code | 0x40 : code));
    expect(back).toEqual(want);
  });

  it('rounds midpoints to even and overflows to infinity', () => {
    for (let code = 0; code < 0x7f7f; code += 7) {
      const [low, high] = bfloat16ToFloat32(Uint16Array.of(code, code + 1));
      expect(bfloat((low + high) / 2)).toBe(code % 2 === 0 ? code : code + 1);
    }
    expect(bfloat(3.4e38)).toBe(0x7f80);
  });

  it('saturates finite values when asked to', () => {
    const large = Float32Array.of(3.4e38, -3.4e38, Infinity, 3.38e38);
    expect([...float32ToBfloat16(large, true)]).toEqual([0x7f7f, 0xff7f, 0x7f80, 0x7f7e]);
  });
});
