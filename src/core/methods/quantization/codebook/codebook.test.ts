import { describe, expect, it } from 'vitest';
import { columns, relativeOutputError, rows, vector } from '../../../../../test/golden/load.ts';
import { tableCases } from '../../../../../test/golden/tables.ts';
import {
  expectedOutput,
  oneLayerModel,
  randomFloats,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { activations, momentsOf, seenOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { compressed, encode, formOf } from '../../../../../test/support/methods.ts';
import { decodeWeight, groupOf, requireKind, writeEncodings } from '../../../encodings/index.ts';
import { outputError, weightError } from '../../../metrics/weight-error.ts';
import { sharedOptions } from '../../../recipe/shared-options.ts';
import { inputOf, lookKey } from '../../../statistics/look.ts';
import { nothingSeen, seenIn, type Seen } from '../../../statistics/seen.ts';
import { lowBitFloat } from '../low-bit-float/low-bit-float.ts';
import { meta as floatMeta } from '../low-bit-float/meta.ts';
import { options as baselineOptions } from '../round-to-nearest/meta.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { needsOf } from '../../needs.ts';
import { codebook } from './codebook.ts';
import { meta } from './meta.ts';

type Size = readonly [rows: number, columns: number];

async function quantize(
  values: Float32Array,
  [r, c]: Size,
  options: unknown,
  seen: Seen = nothingSeen,
) {
  const { model, layer } = oneLayerModel('MatMul', r, c);
  const parsed = meta.options.parse(options);
  const { encoded } = await encode(codebook, model, { layer, values }, parsed, seen);
  return requireKind(encoded, 'coded');
}

async function weightOf(values: Float32Array, size: Size, options: unknown, seen?: Seen) {
  return decodeWeight(await quantize(values, size, options, seen), ...size);
}

describe.each([
  [16, 4],
  [8, 3],
])('the optimum of %s entries under diag(H)', (entries, bits) => {
  const name = `kmeans_diagH_${entries}_optimal`;
  const W = vector('W');
  const { layer } = oneLayerModel('MatMul', rows, columns);
  const diagonal = vector('H').filter((_, i) => i % (columns + 1) === 0);
  const norms = { rows: 512, columns, values: diagonal.map(Math.sqrt) };
  const seen = seenIn(new Map([[lookKey(inputOf(layer), 'norms'), norms]]));
  const options = { bits, blockSize: 'channel', scales: 'float32', weighted: true };
  const loss = (decoded: Float32Array) =>
    W.reduce((sum, w, i) => sum + diagonal[i % columns] * (w - decoded[i]) ** 2, 0);

  it('is met in its loss to a millionth, and in its entries', async () => {
    const decoded = await weightOf(W, [rows, columns], options, seen);
    const wanted = tableCases[name].loss ?? NaN;
    expect(Math.abs(loss(decoded) / wanted - 1)).toBeLessThan(1e-6);
    const golden = vector(name);
    const same = decoded.filter((value, i) => Math.abs(value - golden[i]) <= 1e-5).length;
    expect(same / golden.length).toBeGreaterThan(0.999);
  });

  it('is below every run of the reference, and nothing without weights is as low', async () => {
    const decoded = await weightOf(W, [rows, columns], options, seen);
    const seeds = { 16: 22.136691256760926, 8: 103.26144230388267 }[entries] ?? 0;
    expect(loss(decoded)).toBeLessThan(seeds);
    const plain = await weightOf(W, [rows, columns], { ...options, weighted: false });
    expect(loss(plain)).toBeGreaterThan(loss(decoded));
    expect(weightError(W, plain)).toBeLessThan(weightError(W, decoded));
    expect(relativeOutputError(W, decoded)).toBeLessThan(relativeOutputError(W, plain));
  });
});

describe('codebooks', () => {
  const W = vector('W').subarray(0, 48 * columns);
  const size = [48, columns] as const;
  const error = async (options: unknown) => weightError(W, await weightOf(W, size, options));

  it('more entries are better, and each table beats even steps and NF4 of as many bits', async () => {
    const widths = await Promise.all([8, 6, 4, 2].map((bits) => error({ bits })));
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    const { model, layer } = oneLayerModel('MatMul', ...size);
    for (const blockSize of ['channel', 'tensor', 64] as const) {
      const own = await error({ blockSize });
      const even = baselineOptions.parse({ bits: 4, blockSize });
      const rounded = await encode(roundToNearest, model, { layer, values: W }, even);
      expect(own).toBeLessThan(weightError(W, decodeWeight(rounded.encoded, ...size)));
      const nf4 = floatMeta.options.parse({ format: 'nf4', blockSize });
      const normal = await encode(lowBitFloat, model, { layer, values: W }, nf4);
      expect(own).toBeLessThan(weightError(W, decodeWeight(normal.encoded, ...size)));
    }
  });

  it('every weight is the nearest entry of its table', async () => {
    for (const blockSize of ['channel', 'tensor', 32]) {
      const coded = await quantize(W, size, { bits: 3, blockSize });
      const decoded = decodeWeight(coded, ...size);
      for (let i = 0; i < W.length; i += 37) {
        const entry = { row: Math.floor(i / columns), column: i % columns };
        const levels = groupOf(coded, { rows: 48, columns }, entry)?.levels ?? [];
        expect(levels).toHaveLength(8);
        const nearest = Math.min(...levels.map((level) => Math.abs(level - W[i])));
        expect(Math.abs(decoded[i] - W[i]) - nearest).toBeLessThan(1e-6);
      }
    }
  });

  it.each(['channel', 'tensor', 32])(
    'weighing lowers the output error and reacts to its data: %s',
    async (blockSize) => {
      const [r, c] = [24, 64];
      const { layer, weight } = oneLayerModel('MatMul', r, c);
      const h = momentsOf(activations(300, c, 4), c).values;
      const own = seenOf([layer], () => activations(300, c, 4));
      const foreign = seenOf([layer], () => activations(300, c, 5).map((x, i) => x * (i % c)));
      const found = async (weighted: boolean, seen?: Seen) =>
        outputError(
          weight,
          await weightOf(weight, [r, c], { bits: 2, blockSize, weighted }, seen),
          h,
          c,
        );
      expect(await found(true, own)).toBeLessThan(await found(false));
      expect(await found(true, own)).toBeLessThan(await found(true, foreign));
    },
  );

  it('needs data only to weigh by', () => {
    expect(needsOf(meta, meta.options.parse({}))).toEqual([]);
    expect(needsOf(meta, meta.options.parse({ weighted: true }))).toEqual(['calibration']);
    const lookOf = (given: unknown) => codebook.encoder.look?.(meta.options.parse(given));
    expect(lookOf({})).toBeUndefined();
    expect(lookOf({ weighted: true })?.take).toEqual(['norms']);
  });

  it('keeps few values, zeros and dead inputs', async () => {
    const few = Float32Array.from({ length: 128 }, (_, i) => [-1.5, 0, 0.25][i % 3]);
    for (const blockSize of ['channel', 'tensor', 32])
      expect(await weightOf(few, [1, 128], { blockSize, scales: 'float32' })).toEqual(few);
    expect(await weightOf(new Float32Array(64), [1, 64], {})).toEqual(new Float32Array(64));
    const { layer } = oneLayerModel('MatMul', 1, 128);
    const dead = seenOf([layer], () => new Float32Array(128 * 4));
    expect(
      await weightOf(
        few,
        [1, 128],
        { blockSize: 'tensor', scales: 'float32', weighted: true },
        dead,
      ),
    ).toEqual(few);
  });

  it.each<TestOp>(['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'])(
    'runs as %s at the planned bytes',
    async (op) => {
      for (const given of [
        { bits: 3, blockSize: 16 },
        { bits: 2, blockSize: 'channel' },
        { bits: 5, blockSize: 'tensor', scales: 'float32' },
      ]) {
        const options = meta.options.parse(given);
        const { model, layer, input, weight } = oneLayerModel(op, 11, 45);
        const { encoded } = await encode(codebook, model, { layer, values: weight }, options);
        const made = writeEncodings(model, [{ layer, encoded }]).model;
        const form = formOf(codebook, layer, options, model);
        expect(bytesOfModel(made)).toBe(
          bytesOfModel(writeEncodings(model, [{ layer, encoded: form }]).model),
        );
        const { y } = await runModel(made, { x: input });
        const expected = expectedOutput(op, decodeWeight(encoded, 11, 45), 11, 45, input);
        y.forEach((v, i) => expect(Math.abs(Number(v) - expected[i])).toBeLessThan(45 * 2 ** -21));
      }
    },
  );

  it('a table costs its entries: per output, or once with scales', () => {
    const { model, layer } = oneLayerModel('MatMul', 64, 1024);
    const bytes = (given: unknown): number => {
      const encoded = formOf(codebook, layer, meta.options.parse(given), model);
      return writeEncodings(model, [{ layer, encoded }]).bytes.get(layer.output) ?? 0;
    };
    expect(bytes({ blockSize: 'channel' })).toBe(64 * 512 + 64 * 16 * 2);
    expect(bytes({ blockSize: 'tensor', bits: 8, scales: 'float32' })).toBe(64 * 1024 + 256 * 4);
    expect(bytes({ bits: 3 })).toBe((64 * 1024 * 3) / 8 + 8 * 2 + 64 * 16 * 2);
  });

  it('its baseline has as many bits and the same blocks', () => {
    const shared = sharedOptions(
      roundToNearest,
      meta.options.parse({ blockSize: 'channel' }),
      codebook,
    );
    expect(shared).toMatchObject({ bits: 4, blockSize: 'channel', scales: 'float16' });
  });

  it('refuses what would not be smaller, what has no range, and weighing by nothing', async () => {
    const { model, layer } = oneLayerModel('MatMul', 4, 64);
    const wide = meta.options.parse({ bits: 8, blockSize: 'channel' });
    expect(codebook.encoder.form(layer, wide, model)).toEqual({
      refused:
        '"w" takes 1024 bytes, and 8-bit codes with their tables about 2304, which is not smaller, so it was left as it is; choose fewer bits or one table for the whole matrix.',
    });
    const bad = new Float32Array(64);
    bad[40] = NaN;
    await expect(quantize(bad, [1, 64], { blockSize: 32 })).rejects.toThrow(
      'Block 1 of this weight holds a value that is not a finite number, so it has no range: repair or re-export the model, or leave this layer out.',
    );
    await expect(quantize(randomFloats(256, 1), [4, 64], { weighted: true })).rejects.toThrow(
      'Codebook needs calibration data to know what "w" is fed with, and none was given; add calibration data or choose a method that needs none.',
    );
    const old = { ...model, opsets: [{ domain: '', version: 10 }] };
    const perRow = meta.options.parse({ bits: 2, blockSize: 'channel' });
    await expect(compressed(codebook, old, layer, perRow)).rejects.toThrow(
      '"w" is in a model of operator set 10, and a quantized weight needs 11 or newer: export the model again with a newer operator set.',
    );
  });
});
