import { describe, expect, it } from 'vitest';
import { DataType } from '../tensor/data-type.ts';
import { bytesFromFloats, exceedsHalf, floatsFromBytes, fromHalf, toHalf } from './half.ts';

describe('half precision', () => {
  it('round-trips every half that is a number', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const back = toHalf(fromHalf(all));
    const isNumber = (h: number): boolean => (h & 0x7c00) !== 0x7c00;
    expect(all.filter((h) => isNumber(h) && back[h] !== h)).toEqual(new Uint16Array());
    expect(fromHalf(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff))).toEqual(
      Float32Array.of(1, -2, 2 ** -24, 65504),
    );
  });

  it('rounds to nearest, ties to even, in the normal and the subnormal range', () => {
    const ulp = 2 ** -10;
    const ties = Float32Array.of(
      1 + ulp / 2,
      1 + 1.5 * ulp,
      1.5 * 2 ** -24,
      2.5 * 2 ** -24,
      2 ** -25,
    );
    expect(fromHalf(toHalf(ties))).toEqual(
      Float32Array.of(1, 1 + 2 * ulp, 2 * 2 ** -24, 2 * 2 ** -24, 0),
    );
    expect(fromHalf(toHalf(Float32Array.of(1.0001 * 2 ** -25)))[0]).toBe(2 ** -24);
  });

  it('saturates finite values and keeps what is not finite', () => {
    expect(fromHalf(toHalf(Float32Array.of(1e9, -65520, Infinity)))).toEqual(
      Float32Array.of(65504, -65504, Infinity),
    );
    expect(fromHalf(toHalf(Float32Array.of(NaN)))[0]).toBeNaN();
    expect(exceedsHalf(Float32Array.of(65504, Infinity))).toBe(false);
    expect(exceedsHalf(Float32Array.of(65505))).toBe(true);
  });
});

describe('float bytes', () => {
  const values = Float32Array.of(0, 1, -2.5, 0.15625);

  it.each(['float32', 'float16', 'bfloat16', 'float64'] as const)('round-trip as %s', (name) => {
    const bytes = bytesFromFloats(values, DataType[name]);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(floatsFromBytes(shifted.subarray(1), DataType[name])).toEqual(values);
    expect(floatsFromBytes(Buffer.from(shifted).subarray(1), DataType[name])).toEqual(values);
  });
});
