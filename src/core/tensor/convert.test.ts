import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatheError } from '../errors/lathe-error.ts';
import { fromFloat32, toFloat32 } from './convert.ts';
import { byteLengthOf, DataType, type DataTypeName } from './data-type.ts';
import { packBits, unpackSigned, unpackUnsigned } from './sub-byte.ts';
import { viewAs } from './view-as.ts';

const EXACT: Partial<Record<DataTypeName, readonly number[]>> = {
  float32: [0, -0, 1.5, 2 ** 127, -Infinity],
  float64: [0.5, -2],
  float16: [0.5, 65504, 2 ** -24],
  bfloat16: [1, -0.5, 2 ** 100],
  float8e4m3fn: [448, -1, 2 ** -9],
  float8e4m3fnuz: [240, -1],
  float8e5m2: [57344, -1.75],
  float8e5m2fnuz: [57344, -1.75],
  float8e8m0: [1, 2, 0.25],
  float4e2m1: [0.5, -6, 3],
  int8: [-128, 127, 0],
  uint8: [255, 0, 7],
  int16: [-32768, 32767],
  uint16: [65535],
  int32: [-(2 ** 31), 2 ** 30],
  uint32: [2 ** 31, 5],
  int64: [-(2 ** 62), 3],
  uint64: [2 ** 63, 1],
  bool: [1, 0, 1],
  int4: [-8, 7, -1],
  uint4: [15, 0, 3],
  int2: [-2, 1, -1, 0, 1],
  uint2: [3, 0, 1, 2, 3],
};

describe('toFloat32 and fromFloat32', () => {
  it.each(Object.entries(EXACT))('%s keeps its own values', (name, values) => {
    const dataType = DataType[name as DataTypeName];
    const bytes = fromFloat32(dataType, Float32Array.from(values));
    expect(bytes.byteLength).toBe(byteLengthOf(dataType, [values.length]));
    expect([...toFloat32(dataType, bytes, values.length)]).toEqual(values);
  });

  it('rounds half to even and clamps integers; NaN becomes 0', () => {
    const values = Float32Array.of(0.5, 1.5, 2.5, -0.5, 300, -300, NaN);
    expect([...new Int8Array(fromFloat32(DataType.int8, values).buffer)]).toEqual([
      0, 2, 2, 0, 127, -128, 0,
    ]);
    expect([...toFloat32(DataType.int4, fromFloat32(DataType.int4, values), 7)]).toEqual([
      0, 2, 2, 0, 7, -8, 0,
    ]);
    const wide = Float32Array.of(1e30, -1e30, NaN);
    expect([
      ...(viewAs(DataType.int64, fromFloat32(DataType.int64, wide)) as BigInt64Array),
    ]).toEqual([2n ** 63n - 1n, -(2n ** 63n), 0n]);
  });

  it('reads bytes at any alignment', () => {
    const file = new Uint8Array(11);
    file.set(fromFloat32(DataType.float32, Float32Array.of(1.25, -3)), 3);
    expect([...toFloat32(DataType.float32, file.subarray(3), 2)]).toEqual([1.25, -3]);
  });

  it('does not let callers reach the given values', () => {
    const values = Float32Array.of(1, 2);
    fromFloat32(DataType.float32, values)[0] = 9;
    expect([...values]).toEqual([1, 2]);
  });

  it('says what it cannot do', () => {
    const sentence = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        if (error instanceof LatheError) return error.message;
      }
      return 'no error';
    };
    const bytes = new Uint8Array(6);
    expect(sentence(() => toFloat32(DataType.string, bytes, 1))).toBe(
      'Values of type string cannot be turned into float32 numbers; only real numeric tensors can be.',
    );
    expect(sentence(() => toFloat32(DataType.float32, bytes, 2))).toBe(
      '2 values of type float32 need 8 bytes, but there are only 6; the tensor is damaged.',
    );
    expect(sentence(() => viewAs(DataType.float32, bytes))).toBe(
      '6 bytes are no whole number of float32 values of 4 bytes each; the tensor is damaged.',
    );
    expect(sentence(() => viewAs(DataType.string, bytes))).toBe(
      'Values of type string have no fixed size, so they cannot be viewed as numbers.',
    );
  });
});

describe('packed integers', () => {
  it('puts the first value in the lowest bits', () => {
    expect([...packBits(Uint8Array.of(1, 2, 3), 4)]).toEqual([0x21, 0x03]);
    expect([...packBits(Int8Array.of(-1, 0, 1, -2, 1), 2)]).toEqual([0b10_01_00_11, 1]);
  });

  it('unpacks what was packed, for any length', () => {
    fc.assert(
      fc.property(fc.constantFrom(2 as const, 4 as const), fc.uint8Array(), (bits, raw) => {
        const unsigned = raw.map((v) => v & (2 ** bits - 1));
        const signed = Int8Array.from(unsigned, (v) => v - 2 ** (bits - 1));
        expect(unpackUnsigned(packBits(unsigned, bits), bits, raw.length)).toEqual(unsigned);
        expect(unpackSigned(packBits(signed, bits), bits, raw.length)).toEqual(signed);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
