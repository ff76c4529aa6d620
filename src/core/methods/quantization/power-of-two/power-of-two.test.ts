import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { columns, relativeOutputError, rows, vector } from '../../../../../test/golden/load.ts';
import {
  expectedOutput,
  oneLayerModel,
  randomFloats,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../../test/fixtures/methods/run.ts';
import { compressed, encode } from '../../../../../test/support/methods.ts';
import { decodeWeight, requireKind, writeEncodings } from '../../../encodings/index.ts';
import type { Coded } from '../../../encodings/index.ts';
import { weightError } from '../../../metrics/weight-error.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { meta as baselineMeta } from '../round-to-nearest/meta.ts';
import { meta } from './meta.ts';
import { powerOfTwo } from './power-of-two.ts';

async function quantize(values: Float32Array, [r, c]: [number, number], options: unknown) {
  const { model, layer } = oneLayerModel('MatMul', r, c);
  const weight = { layer, values };
  const { encoded } = await encode(powerOfTwo, model, weight, meta.options.parse(options));
  return requireKind(encoded, 'coded');
}

/** Ŵ by integer shifts of 2^(E − 127), as hardware without multipliers would decode it. */
function shifted({ bits, codes, scales, groupSize, granularity }: Coded, c: number): Float32Array {
  const exponents = (scales && 'coded' in scales && scales.coded.codes) || new Uint8Array();
  const groups = Math.ceil(c / groupSize);
  const words = Uint32Array.from(codes ?? [], (code, i) => {
    const group = Math.floor(i / c) * groups + Math.floor((i % c) / groupSize);
    const m = code & (2 ** (bits - 1) - 1);
    if (m === 0) return 0;
    const exponent = exponents[granularity === 'tensor' ? 0 : group] + 1 - m;
    return (((code >> (bits - 1)) << 31) | (exponent << 23)) >>> 0;
  });
  return new Float32Array(words.buffer);
}

describe('power of two', () => {
  const weight = randomFloats(12 * 200, 3).map((v, i) => v * 1.5 ** ((i % 7) - 3));
  const largest = Math.max(...weight.map(Math.abs));
  const logOf = (value: number): number => Math.round(Math.log2(Math.abs(value)));
  const grids = [4, 3, 2].flatMap((bits) =>
    [16, 64, 'channel', 'tensor'].map((blockSize) => ({ bits, blockSize })),
  );

  it.each(grids)('rounds logarithms to the nearest: $bits $blockSize', async (options) => {
    const coded = await quantize(weight, [12, 200], options);
    const decoded = decodeWeight(coded, 12, 200);
    expect(Math.max(...(coded.codes ?? []))).toBeLessThan(2 ** options.bits);
    expect(decoded).toEqual(shifted(coded, 200));
    const range = 2 ** (options.bits - 1) - 1;
    const size = typeof options.blockSize === 'number' ? options.blockSize : 200;
    const logOfBlock = (i: number): number => {
      const [row, column] = [i - (i % 200), i % 200];
      const start = row + Math.floor(column / size) * size;
      const block = weight.subarray(start, Math.min(start + size, row + 200));
      return logOf(options.blockSize === 'tensor' ? largest : Math.max(...block.map(Math.abs)));
    };
    const wrong = decoded.filter((value, i) =>
      value === 0
        ? logOf(weight[i]) > logOfBlock(i) - range
        : Math.abs(Math.log2(value / weight[i])) > 0.5 + 2 ** -23,
    );
    expect(wrong).toHaveLength(0);
  });

  it('stores one byte of scale per group, and smaller groups are never worse', async () => {
    const sizes = [16, 64, 'channel', 'tensor'];
    const coded = await Promise.all(
      sizes.map((blockSize) => quantize(weight, [12, 200], { blockSize })),
    );
    const stored = coded.map(({ scales }) => scales && 'coded' in scales && scales.coded.codes);
    expect(stored.map((codes) => codes && codes.length)).toEqual([12 * 13, 12 * 4, 12, 1]);
    const errors = coded.map((one) => weightError(weight, decodeWeight(one, 12, 200)));
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
    expect(errors[0]).toBeLessThan(errors[3]);
  });

  it('is the golden vector to the bit', async () => {
    const file = readFileSync(new URL('golden/A_pow2_log_4b_pc.f32', import.meta.url));
    const golden = new Float32Array(new Uint8Array(file).buffer);
    const coded = await quantize(vector('W'), [rows, columns], { blockSize: 'channel' });
    const decoded = decodeWeight(coded, rows, columns);
    expect(decoded.filter((value, i) => value !== golden[i])).toHaveLength(0);
  });

  it.each([
    ['pow2_log_4b_pc', 'channel', 0.0350341796875, 0.041093555182198024],
    ['pow2_log_4b_g32', 32, 0.02099609375, 0.0410170747727815],
  ])('has the zeros and the error of %s', async (_, blockSize, zeros, error) => {
    const decoded = decodeWeight(
      await quantize(vector('W'), [rows, columns], { blockSize }),
      rows,
      columns,
    );
    expect(decoded.filter((value) => value === 0).length / decoded.length).toBe(zeros);
    const own = relativeOutputError(vector('W'), decoded);
    expect(Math.abs(own / error - 1)).toBeLessThan(0.005);
  });

  it('keeps small weights apart that even steps make zero', async () => {
    const { model, layer } = oneLayerModel('MatMul', 1, 16);
    const values = Float32Array.from({ length: 16 }, (_, i) => (i % 2 ? -1 : 1) * 2 ** -(i % 7));
    const own = await quantize(values, [1, 16], { blockSize: 16 });
    expect(decodeWeight(own, 1, 16)).toEqual(values);
    const even = baselineMeta.options.parse({ blockSize: 16 });
    const { encoded } = await encode(roundToNearest, model, { layer, values }, even);
    expect(decodeWeight(encoded, 1, 16).filter((v) => v === 0).length).toBeGreaterThan(4);
  });

  it('gives zeros for zeros, and the largest power for the largest numbers', async () => {
    const values = new Float32Array(32).fill(3.4e38, 16);
    const decoded = decodeWeight(await quantize(values, [1, 32], { blockSize: 16 }), 1, 32);
    expect([...new Set(decoded)]).toEqual([0, 2 ** 127]);
  });

  it.each<TestOp>(['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'])(
    'runs as %s from packed codes',
    async (op) => {
      for (const options of [
        { bits: 3, blockSize: 16 },
        { bits: 2, blockSize: 'tensor' },
      ]) {
        const { model, layer, input, weight } = oneLayerModel(op, 11, 45);
        const parsed = meta.options.parse(options);
        const { encoded } = await encode(powerOfTwo, model, { layer, values: weight }, parsed);
        const { y } = await runModel(writeEncodings(model, [{ layer, encoded }]).model, {
          x: input,
        });
        const decoded = decodeWeight(encoded, 11, 45);
        const expected = expectedOutput(op, decoded, 11, 45, input);
        y.forEach((v, i) => expect(Math.abs(v - expected[i])).toBeLessThan(45 * 2 ** -22));
      }
    },
  );

  it('refuses what has no logarithm and what is no plain weight', async () => {
    const bad = new Float32Array(32);
    bad[17] = Infinity;
    await expect(quantize(bad, [1, 32], { blockSize: 16 })).rejects.toThrow(
      'Group 1 of this weight holds a value that is not a finite number, so it has no largest power of two: repair or re-export the model, or leave this layer out.',
    );
    const { model, layer } = oneLayerModel('MatMul', 4, 32);
    const old = { ...model, opsets: [{ domain: '', version: 9 }] };
    await expect(compressed(powerOfTwo, old, layer, meta.options.parse({}))).rejects.toThrow(
      '"w" is in a model of operator set 9, and a quantized weight needs 10 or newer: export the model again with a newer operator set.',
    );
  });
});
