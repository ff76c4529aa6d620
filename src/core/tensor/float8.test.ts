import { describe, expect, it } from 'vitest';
import {
  e8m0ToFloat32,
  FLOAT4_E2M1,
  FLOAT8,
  float32ToE8m0,
  float32ToMiniFloat,
  miniFloatToFloat32,
} from './float8.ts';
import type { MiniFloat } from './mini-float.ts';

const FORMATS: Record<string, MiniFloat> = { ...FLOAT8, e2m1: FLOAT4_E2M1 };

const codesOf = (format: MiniFloat) =>
  Uint8Array.from({ length: 1 << format.bits }, (_, code) => code);
const encode = (format: MiniFloat, x: number, saturate = true) =>
  float32ToMiniFloat(format, Float32Array.of(x), saturate)[0];
const decode = (format: MiniFloat, code: number) =>
  miniFloatToFloat32(format, Uint8Array.of(code))[0];

/** Nearest finite positive code by exhaustive search; on a tie the even code. */
function nearest(format: MiniFloat, x: number): number {
  const values = miniFloatToFloat32(format, codesOf(format));
  let best = 0;
  for (let code = 0; code < 1 << (format.bits - 1); code++) {
    if (!Number.isFinite(values[code])) continue;
    const [now, then] = [Math.abs(values[code] - x), Math.abs(values[best] - x)];
    if (now < then || (now === then && code % 2 === 0)) best = code;
  }
  return best;
}

describe.each(Object.entries(FORMATS))('%s', (_, format) => {
  it('keeps every number', () => {
    const codes = codesOf(format);
    const values = miniFloatToFloat32(format, codes);
    const back = float32ToMiniFloat(format, values, false);
    const numbers = [...codes].filter((code) => !Number.isNaN(values[code]));
    expect(numbers.map((code) => back[code])).toEqual(numbers);
  });

  it('rounds to the nearest value, ties to even, as an exhaustive search does', () => {
    const values = [...miniFloatToFloat32(format, codesOf(format))].filter((v) => v >= 0);
    const finite = values.filter(Number.isFinite).sort((a, b) => a - b);
    for (let i = 1; i < finite.length; i++) {
      for (const share of [0.25, 0.5, 0.75]) {
        const x = finite[i - 1] + share * (finite[i] - finite[i - 1]);
        expect(encode(format, x)).toBe(nearest(format, x));
      }
    }
  });

  it('saturates at its largest value', () => {
    expect(decode(format, encode(format, format.max * 4))).toBe(format.max);
    expect(decode(format, encode(format, -format.max * 4))).toBe(-format.max);
  });
});

describe('the ONNX tables', () => {
  it('has the largest and smallest values of the specification', () => {
    const largest = Object.values(FLOAT8).map((f) => {
      const values = [...miniFloatToFloat32(f, codesOf(f))].filter(Number.isFinite);
      return [Math.max(...values), Math.min(...values.filter((v) => v > 0))];
    });
    expect(largest).toEqual([
      [448, 2 ** -9],
      [240, 2 ** -10],
      [57344, 2 ** -16],
      [57344, 2 ** -17],
    ]);
    const e2m1 = miniFloatToFloat32(FLOAT4_E2M1, codesOf(FLOAT4_E2M1).subarray(0, 8));
    expect([...e2m1]).toEqual([0, 0.5, 1, 1.5, 2, 3, 4, 6]);
  });

  it('treats NaN, infinity and negative zero as Cast does', () => {
    const { e4m3fn, e4m3fnuz, e5m2, e5m2fnuz } = FLOAT8;
    expect(encode(e4m3fn, NaN)).toBe(0x7f);
    expect(encode(e5m2fnuz, NaN)).toBe(0x80);
    expect(encode(e4m3fn, Infinity)).toBe(0x7e);
    expect(encode(e4m3fnuz, Infinity)).toBe(0x80);
    expect(encode(e5m2, -Infinity)).toBe(0xfb);
    expect(encode(e5m2, -Infinity, false)).toBe(0xfc);
    expect(encode(e4m3fn, 1e9, false)).toBe(0x7f);
    expect(encode(e4m3fn, -0)).toBe(0x80);
    expect(encode(e4m3fnuz, -0)).toBe(0);
    expect(encode(e4m3fnuz, -1e-9)).toBe(0);
  });

  it('rounds E8M0 scales up to a power of two', () => {
    const codes = float32ToE8m0(Float32Array.of(1, 1.01, 2, 0, -1, NaN, 2 ** -126));
    expect([...codes]).toEqual([127, 128, 128, 0, 255, 255, 1]);
    expect([...e8m0ToFloat32(Uint8Array.of(127, 128, 0, 255))]).toEqual([1, 2, 2 ** -127, NaN]);
  });
});
