import { describe, expect, it } from 'vitest';
import { columns, rows, vector } from '../../../../../test/golden/load.ts';
import { outputErrorOff, shareMet, tableCases } from '../../../../../test/golden/tables.ts';
import {
  expectedOutput,
  oneLayerModel,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { compressed, encode, formOf } from '../../../../../test/support/methods.ts';
import { decodeWeight, groupOf, writeEncodings } from '../../../encodings/index.ts';
import { weightError } from '../../../metrics/weight-error.ts';
import { sharedOptions } from '../../../recipe/shared-options.ts';
import { options as baselineOptions } from '../round-to-nearest/meta.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { binaryCoded } from './binary-coded.ts';
import { meta } from './meta.ts';

type Size = readonly [rows: number, columns: number];

async function quantize(values: Float32Array, [r, c]: Size, options: unknown) {
  const { model, layer } = oneLayerModel('MatMul', r, c);
  const parsed = meta.options.parse(options);
  const { encoded } = await encode(binaryCoded, model, { layer, values }, parsed);
  return encoded;
}

async function weightOf(values: Float32Array, size: Size, options: unknown) {
  return decodeWeight(await quantize(values, size, options), ...size);
}

describe('the reference', () => {
  const W = vector('W');
  const golden = (bits: number, blockSize: unknown, iterations: number) =>
    weightOf(W, [rows, columns], { bits, blockSize, iterations, scales: 'float32' });

  it.each([2, 4])('is met by greedy planes: %s', async (bits) => {
    const name = `bcq_greedy_${bits}_pc`;
    const decoded = await golden(bits, 'channel', 0);
    expect(shareMet(decoded, name)).toBeGreaterThanOrEqual(0.999);
    expect(outputErrorOff(decoded, name)).toBeLessThan(0.005);
  });

  const sizes = [
    ['pc', 'channel'],
    ['g128', 128],
  ] as const;
  const greedy = sizes.flatMap(([suffix, size]) =>
    [1, 2, 3, 4].map((bits) => [bits, suffix, size]),
  );

  it.each(greedy)('has the error of %s greedy planes: %s', async (bits, suffix, size) => {
    const wanted = tableCases[`bcq_greedy_${bits}_${suffix}`].rel_w_err;
    const error = weightError(W, await golden(Number(bits), size, 0));
    expect(Math.abs(error / wanted - 1)).toBeLessThan(0.005);
  });

  const alternating = greedy.filter(([bits]) => bits !== 1);

  it.each(alternating)(
    'is not above it in %s alternating planes: %s',
    async (bits, suffix, size) => {
      const wanted = tableCases[`bcq_alt_${bits}_${suffix}`].rel_w_err;
      expect(weightError(W, await golden(Number(bits), size, 15))).toBeLessThan(1.01 * wanted);
    },
  );
});

describe('binary-coded weights', () => {
  const W = vector('W').subarray(0, 32 * columns);
  const size = [32, columns] as const;
  const error = async (options: unknown) => weightError(W, await weightOf(W, size, options));

  it.each([2, 3, 4])('no round of %s planes ever raises the error', async (bits) => {
    let before = await error({ bits, iterations: 0, scales: 'float32' });
    for (const iterations of [1, 2, 3, 5, 10, 20]) {
      const after = await error({ bits, iterations, scales: 'float32' });
      // Float32 rounding of equal factors.
      expect(after).toBeLessThanOrEqual(before * (1 + 1e-6));
      before = after;
    }
    expect(before).toBeLessThan(await error({ bits, iterations: 0, scales: 'float32' }));
  });

  it('more planes and smaller blocks are better, and 3 planes beat 3 bits of even steps', async () => {
    const planes = await Promise.all([4, 3, 2, 1].map((bits) => error({ bits })));
    expect(planes).toEqual([...planes].sort((a, b) => a - b));
    const sizes = await Promise.all(
      [16, 64, 'channel', 'tensor'].map((blockSize) => error({ blockSize })),
    );
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    const { model, layer } = oneLayerModel('MatMul', ...size);
    const even = baselineOptions.parse({ bits: 3, blockSize: 128 });
    const { encoded } = await encode(roundToNearest, model, { layer, values: W }, even);
    expect(planes[1]).toBeLessThan(weightError(W, decodeWeight(encoded, ...size)));
  });

  it('every weight is one of the 2^planes sums of its block, and none is nearer', async () => {
    for (const blockSize of [16, 'channel', 'tensor']) {
      const encoded = await quantize(W, size, { bits: 3, blockSize });
      const decoded = decodeWeight(encoded, ...size);
      for (let i = 0; i < W.length; i += 37) {
        const entry = { row: Math.floor(i / columns), column: i % columns };
        const levels = groupOf(encoded, { rows: 32, columns }, entry)?.levels ?? [];
        expect(levels).toHaveLength(8);
        const nearest = Math.min(...levels.map((level) => Math.abs(level - W[i])));
        expect(Math.abs(decoded[i] - W[i]) - nearest).toBeLessThan(1e-6);
      }
    }
  });

  it('takes a bit and a factor per plane, or one table where rows end badly for planes', () => {
    const stored = ([r, c]: Size, given: object) => {
      const { model, layer } = oneLayerModel('MatMul', r, c);
      const options = meta.options.parse(given);
      const encoded = formOf(binaryCoded, layer, options, model);
      const { bytes } = writeEncodings(model, [{ layer, encoded }]);
      return [encoded.kind, bytes.get(layer.output)];
    };
    expect(stored([16, 256], { bits: 3 })).toEqual(['sum', 3 * (16 * 32 + 16 * 2 * 2)]);
    expect(stored([16, 256], { bits: 1 })).toEqual(['coded', 16 * 32 + 16 * 2 * 2]);
    expect(stored([16, 256], { bits: 4, blockSize: 'tensor' })).toEqual(['sum', 4 * (16 * 32 + 2)]);
    expect(stored([16, 250], { bits: 4, blockSize: 'tensor' })).toEqual(['coded', 16 * 125 + 32]);
  });

  it('keeps what its planes can say', async () => {
    const sums = Float32Array.from(
      { length: 64 },
      (_, i) => (i & 1 ? 1 : -1) + (i & 2 ? 0.25 : -0.25),
    );
    expect(await weightOf(sums, [1, 64], { bits: 2 })).toEqual(sums);
    const flat = new Float32Array(64).fill(-0.5);
    expect(await weightOf(flat, [1, 64], { bits: 3 })).toEqual(flat);
  });

  it.each<TestOp>(['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'])(
    'runs as %s at the planned bytes',
    async (op) => {
      for (const given of [
        { bits: 3, blockSize: 16 },
        { bits: 4, blockSize: 'tensor' },
        { bits: 1, blockSize: 'channel', scales: 'float32' },
      ]) {
        const options = meta.options.parse(given);
        const { model, layer, input, weight } = oneLayerModel(op, 11, 45);
        const { encoded } = await encode(binaryCoded, model, { layer, values: weight }, options);
        const made = writeEncodings(model, [{ layer, encoded }]).model;
        const form = formOf(binaryCoded, layer, options, model);
        expect(bytesOfModel(made)).toBe(
          bytesOfModel(writeEncodings(model, [{ layer, encoded: form }]).model),
        );
        const { y } = await runModel(made, { x: input });
        const expected = expectedOutput(op, decodeWeight(encoded, 11, 45), 11, 45, input);
        y.forEach((v, i) => expect(Math.abs(Number(v) - expected[i])).toBeLessThan(45 * 2 ** -21));
      }
    },
  );

  it('its baseline has as many bits, one plane two', () => {
    const shared = (bits: number) =>
      sharedOptions(roundToNearest, meta.options.parse({ bits }), binaryCoded);
    expect([1, 2, 3, 4].map((bits) => shared(bits).bits)).toEqual([2, 2, 3, 4]);
  });

  it('refuses what has no range and what is no plain weight', async () => {
    const bad = new Float32Array(32);
    bad[17] = Infinity;
    await expect(quantize(bad, [1, 32], { blockSize: 16 })).rejects.toThrow(
      'Block 1 of this weight holds a value that is not a finite number, so it has no range: repair or re-export the model, or leave this layer out.',
    );
    const { model, layer } = oneLayerModel('MatMul', 4, 32);
    const old = { ...model, opsets: [{ domain: '', version: 9 }] };
    await expect(compressed(binaryCoded, old, layer, meta.options.parse({}))).rejects.toThrow(
      '"w" is in a model of operator set 9, and a quantized weight needs 10 or newer: export the model again with a newer operator set.',
    );
  });
});
