import { describe, expect, it } from 'vitest';
import { columns, vector } from '../../../../../test/golden/load.ts';
import {
  expectedOutput,
  oneLayerModel,
  randomFloats,
  seeded,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { activations, momentsOf, seenOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { encode, formOf } from '../../../../../test/support/methods.ts';
import {
  decodeWeight,
  describeStored,
  requireKind,
  storedWeightOf,
  writeEncodings,
} from '../../../encodings/index.ts';
import { outputError, weightError } from '../../../metrics/weight-error.ts';
import { seededRandom } from '../../../random/seeded.ts';
import { sharedOptions } from '../../../recipe/shared-options.ts';
import type { Seen } from '../../../statistics/seen.ts';
import { options as baselineOptions } from '../round-to-nearest/meta.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { codebook } from './codebook.ts';
import { meta } from './meta.ts';
import { nearestVector, type Vectors } from './nearest-vector.ts';
import { vectorClusters } from './vector-clusters.ts';

type Size = readonly [rows: number, columns: number];

async function quantize(values: Float32Array, size: Size, options: unknown, seen?: Seen) {
  const { model, layer } = oneLayerModel('MatMul', ...size);
  const parsed = meta.options.parse(options);
  const { encoded } = await encode(codebook, model, { layer, values }, parsed, seen);
  return requireKind(encoded, 'coded');
}

async function weightOf(values: Float32Array, size: Size, options: unknown, seen?: Seen) {
  return decodeWeight(await quantize(values, size, options, seen), ...size);
}

describe.each([2, 3, 4])('vectors of %i', (size) => {
  const values = randomFloats(400 * size, 7);
  const weights = randomFloats(400 * size, 8).map((x, i) => (i % 11 === 0 ? 0 : x * x));
  const table = Float64Array.from(randomFloats(64 * size, 9));
  const losses = (vectors: Vectors) => {
    const seen: number[] = [];
    const made = vectorClusters(vectors, 16, seededRandom(1), { watch: (l) => seen.push(l) });
    return { made, seen };
  };

  it.each([true, false])('go to the nearest entry, weighed: %s', (weighed) => {
    const vectors: Vectors = { size, values, ...(weighed && { weights }) };
    const nearest = nearestVector(vectors, table);
    for (let v = 0; v < 400; v++) {
      const distances = Array.from({ length: 64 }, (_, k) => {
        let sum = 0;
        for (let l = 0; l < size; l++) {
          const d = values[v * size + l] - table[k * size + l];
          sum += (weighed ? weights[v * size + l] : 1) * d * d;
        }
        return sum;
      });
      const found = nearest(v);
      expect(distances[found]).toBe(Math.min(...distances));
      expect(nearest.distance).toBe(distances[found]);
    }
  });

  it('get entries of which no round raises the loss, the same every time', () => {
    for (const vectors of [
      { size, values },
      { size, values, weights },
    ]) {
      const { made, seen } = losses(vectors);
      expect(seen.length).toBeGreaterThan(2);
      expect(seen).toEqual([...seen].sort((a, b) => b - a));
      expect(seen[seen.length - 1]).toBeLessThan(0.95 * seen[0]);
      expect(losses(vectors).made).toEqual(made);
    }
  });
});

describe('a codebook of vectors', () => {
  const W = vector('W').subarray(0, 96 * columns);
  const size = [96, columns] as const;
  const error = async (options: unknown) => weightError(W, await weightOf(W, size, options));

  it.each([
    [4, 8, 2],
    [3, 6, 2],
    [2, 8, 4],
    [2, 6, 3],
  ])(
    'of %i bits a weight (%i for %i) beats one of single weights and even steps',
    async (bits, all, of) => {
      const { model, layer } = oneLayerModel('MatMul', ...size);
      for (const blockSize of [32, 'tensor'] as const) {
        const own = await error({ bits: all, vector: of, blockSize });
        expect(own).toBeLessThan(await error({ bits, blockSize }));
        const even = baselineOptions.parse({ bits, blockSize, scales: 'float16' });
        const rounded = await encode(roundToNearest, model, { layer, values: W }, even);
        expect(own).toBeLessThan(weightError(W, decodeWeight(rounded.encoded, ...size)));
      }
    },
  );

  it('gets better with more entries, and with a scale for each row', async () => {
    const widths = await Promise.all([7, 5, 4].map((bits) => error({ bits, vector: 4 })));
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    const uneven = W.map((w, i) => w * (1 + (Math.floor(i / columns) % 8)));
    const of = async (blockSize: string) =>
      weightError(uneven, await weightOf(uneven, size, { bits: 8, vector: 2, blockSize }));
    expect(await of('channel')).toBeLessThan(0.8 * (await of('tensor')));
  });

  it.each(['channel', 'tensor', 32])(
    'weighing lowers the output error and reacts to its data: %s',
    async (blockSize) => {
      const [r, c] = [48, 64];
      const { layer, weight } = oneLayerModel('MatMul', r, c);
      const h = momentsOf(activations(300, c, 4), c).values;
      const own = seenOf([layer], () => activations(300, c, 4));
      const foreign = seenOf([layer], () => activations(300, c, 5).map((x, i) => x * (i % c)));
      const found = async (weighted: boolean, seen?: Seen) => {
        const options = { bits: 6, vector: 3, blockSize, weighted };
        return outputError(weight, await weightOf(weight, [r, c], options, seen), h, c);
      };
      expect(await found(true, own)).toBeLessThan(await found(false));
      expect(await found(true, own)).toBeLessThan(await found(true, foreign));
    },
  );

  it('keeps few vectors as they are, and zeros', async () => {
    const next = seeded(3);
    const few = Array.from({ length: 12 }, () => [
      0.5 * Math.round(8 * next()) + 0,
      next() > 0 ? 1 : -1,
    ]);
    const values = Float32Array.from({ length: 16 * 64 }, (_, i) => few[(i >> 1) % 12][i % 2]);
    expect(await weightOf(values, [16, 64], { bits: 4, vector: 2, blockSize: 'tensor' })).toEqual(
      values,
    );
    const zeros = new Float32Array(4096);
    for (const blockSize of ['channel', 'tensor', 32])
      expect(await weightOf(zeros, [64, 64], { bits: 4, vector: 4, blockSize })).toEqual(zeros);
  });

  it.each<TestOp>(['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'])(
    'runs as %s at the planned bytes, rows that end within a vector too',
    async (op) => {
      for (const given of [
        { bits: 4, vector: 2, blockSize: 16 },
        { bits: 5, vector: 4, blockSize: 'channel' },
        { bits: 6, vector: 3, blockSize: 'tensor', scales: 'float32' },
      ]) {
        const options = meta.options.parse(given);
        const { model, layer, input, weight } = oneLayerModel(op, 47, 45);
        const { encoded } = await encode(codebook, model, { layer, values: weight }, options);
        const made = writeEncodings(model, [{ layer, encoded }]).model;
        const form = formOf(codebook, layer, options, model);
        expect(bytesOfModel(made)).toBe(
          bytesOfModel(writeEncodings(model, [{ layer, encoded: form }]).model),
        );
        const { y } = await runModel(made, { x: input });
        const expected = expectedOutput(op, decodeWeight(encoded, 47, 45), 47, 45, input);
        y.forEach((v, i) => expect(Math.abs(Number(v) - expected[i])).toBeLessThan(45 * 2 ** -20));
      }
    },
  );

  it('takes its codes, its entries and its scales, and the file says how many bits that is', () => {
    const { model, layer } = oneLayerModel('MatMul', 64, 1024);
    const written = (given: unknown) => {
      const encoded = formOf(codebook, layer, meta.options.parse(given), model);
      const { model: made, bytes } = writeEncodings(model, [{ layer, encoded }]);
      const stored = storedWeightOf(made, layer);
      return [bytes.get(layer.output), stored && describeStored(stored)];
    };
    expect(written({ bits: 8, vector: 4, blockSize: 'tensor' })).toEqual([
      64 * 256 + 256 * 4 * 2,
      '2-bit codes, unpacked by standard operators',
    ]);
    expect(written({ bits: 8, vector: 3, blockSize: 'channel' })).toEqual([
      64 * 342 + 256 * 3 * 2 + 64 * 2,
      '2.67-bit codes, unpacked by standard operators',
    ]);
    expect(written({ bits: 6, vector: 2, blockSize: 64 })).toEqual([
      (64 * 512 * 6) / 8 + 64 * 2 * 2 + 64 * 16 * 2,
      '3-bit codes, unpacked by standard operators',
    ]);
  });

  it('goes by its bits and is compared with as many', () => {
    const options = meta.options.parse({ bits: 8, vector: 3, blockSize: 'channel' });
    expect([meta.short(options), meta.suffix(options)]).toEqual(['8 bits for 3 channel', 'q3']);
    expect(sharedOptions(roundToNearest, options, codebook)).toMatchObject({
      ...{ bits: 3, blockSize: 'channel', scales: 'float16' },
    });
  });

  it('leaves recipes from before as they were', () => {
    expect(JSON.stringify(meta.options.parse({ vector: 1 }))).toBe(
      JSON.stringify(meta.options.parse({})),
    );
  });

  it('refuses fewer than 16 entries, what would not be smaller, and what has no range', async () => {
    expect(() => meta.options.parse({ bits: 3, vector: 2 })).toThrow(
      'a table of vectors has 16 to 256 entries, so its codes take 4 to 8 bits; set bits to 4 or more, or vector to 1',
    );
    const { model, layer } = oneLayerModel('MatMul', 8, 64);
    const large = meta.options.parse({ bits: 8, vector: 4, blockSize: 'tensor' });
    expect(codebook.encoder.form(layer, large, model)).toEqual({
      refused:
        '"w" takes 2048 bytes, and 8-bit codes with their tables about 2176, which is not smaller, so it was left as it is; choose fewer bits or one table for the whole matrix.',
    });
    const bad = randomFloats(4096, 1);
    bad[40] = NaN;
    await expect(quantize(bad, [64, 64], { vector: 2, bits: 4, blockSize: 32 })).rejects.toThrow(
      'Block 1 of this weight holds a value that is not a finite number, so it has no range: repair or re-export the model, or leave this layer out.',
    );
  });
});
