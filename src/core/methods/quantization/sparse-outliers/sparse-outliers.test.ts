import { describe, expect, it } from 'vitest';
import {
  expectedOutput,
  oneLayerModel,
  randomFloats,
} from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { activations, momentsOf, seenOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { encode, formOf } from '../../../../../test/support/methods.ts';
import {
  decodedValues,
  decodeWeight,
  groupOf,
  requireKind,
  storedWeightOf,
  writeEncodings,
} from '../../../encodings/index.ts';
import { outputError, weightError } from '../../../metrics/weight-error.ts';
import { nothingSeen, type Seen } from '../../../statistics/seen.ts';
import { halfToFloat32, float32ToHalf } from '../../../tensor/half.ts';
import { meta as roundMeta } from '../round-to-nearest/meta.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { meta } from './meta.ts';
import { sparseOutliers } from './sparse-outliers.ts';

const [r, c] = [48, 80];
const { model, layer } = oneLayerModel('MatMul', r, c);
const fed = (seed: number) => activations(300, c, seed);
const h = momentsOf(fed(4), c).values;
const seen = seenOf([layer], () => fed(4));

/** Uniform weights, and twelve that are up to nine times as large. */
const values = randomFloats(r * c, 3).map((w, i) => (i % 331 === 7 ? 9 * w : w));

const run = async (given: object, data = nothingSeen, w = values) => {
  const options = meta.options.parse({ bits: 3, ...given });
  const { encoded, warnings } = await encode(
    sparseOutliers,
    model,
    { layer, values: w },
    options,
    data,
  );
  const [codes, sparse] = requireKind(encoded, 'sum').parts;
  const decoded = decodeWeight(encoded, r, c);
  const positions = requireKind(sparse, 'sparse').positions ?? new Int32Array();
  return { encoded, codes, decoded, positions, warnings, error: weightError(values, decoded) };
};

const roundedError = async (given: object) => {
  const options = roundMeta.options.parse({ bits: 3, ...given });
  const { encoded } = await encode(roundToNearest, model, { layer, values }, options);
  return weightError(values, decodeWeight(encoded, r, c));
};

describe('sparse outliers', () => {
  it.each(['error', 'magnitude'])('by %s: the more are kept, the smaller the error', async (by) => {
    const errors = [];
    for (const ratio of [0.0005, 0.002, 0.005, 0.02, 0.05])
      errors.push((await run({ ratio, criterion: by })).error);
    for (let i = 1; i < errors.length; i++) expect(errors[i]).toBeLessThan(errors[i - 1]);
    expect(errors[2]).toBeLessThan(await roundedError({}));
  });

  it('what is kept is the weight itself, rounded to a half', async () => {
    for (const given of [{}, { symmetric: false }, { quantizer: 'hqq' }]) {
      const { decoded, positions } = await run({ ratio: 0.01, ...given });
      expect(positions).toHaveLength(38);
      for (const at of positions) {
        // A half has 11 bits; what it is added to is a float32.
        expect(Math.abs(decoded[at] - values[at])).toBeLessThanOrEqual(
          2 ** -11 * (Math.abs(values[at]) + 1),
        );
      }
    }
    const { decoded, positions } = await run({ ratio: 0.01 });
    for (const at of positions)
      expect(decoded[at]).toBe(halfToFloat32(float32ToHalf(values.slice(at, at + 1)))[0]);
  });

  it('planted outliers are the ones that are kept, whatever the criterion', async () => {
    const planted = [...values.keys()].filter((i) => i % 331 === 7 && Math.abs(values[i]) > 2);
    for (const criterion of ['error', 'magnitude'])
      expect([...(await run({ ratio: 0.004, criterion })).positions]).toEqual(
        expect.arrayContaining(planted),
      );
  });

  it('grids shrink to what is left: their error is that of a matrix without outliers', async () => {
    const plain = randomFloats(r * c, 3);
    const options = roundMeta.options.parse({ bits: 3 });
    const { encoded } = await encode(roundToNearest, model, { layer, values: plain }, options);
    const clean = weightError(plain, decodeWeight(encoded, r, c)) * energy(plain);
    const { error } = await run({ ratio: 0.005 });
    expect(error * energy(values)).toBeLessThan(1.02 * clean);
    expect((await roundedError({})) * energy(values)).toBeGreaterThan(1.5 * clean);
  });

  it('channels that are fed more count for more', async () => {
    // Independent columns, those of one block ten times as loud: their errors add up by their squares.
    const loud = (from: number) =>
      randomFloats(300 * c, 9).map((x, i) => (i % c >= from && i % c < from + 16 ? 10 * x : x));
    const own = momentsOf(loud(32), c).values;
    const errorOf = async (data: Seen, criterion = 'error') => {
      const { decoded } = await run({ ratio: 0.01, blockSize: 16, criterion }, data);
      return outputError(values, decoded, own, c);
    };
    const fedWith = (from: number) => seenOf([layer], () => loud(from));
    const seeing = await errorOf(fedWith(32));
    expect(seeing).toBeLessThan(await errorOf(nothingSeen));
    expect(seeing).toBeLessThan(await errorOf(fedWith(0)));
    expect(await errorOf(fedWith(32), 'magnitude')).toBe(await errorOf(nothingSeen, 'magnitude'));
  });

  it('under GPTQ the output’s error is smaller than under rounding, and outliers help there, too', async () => {
    const errorOf = async (given: object) =>
      outputError(values, (await run({ ...given }, seen)).decoded, h, c);
    const swept = await errorOf({ quantizer: 'gptq' });
    expect(swept).toBeLessThan(await errorOf({}));
    expect(swept).toBeLessThan(await errorOf({ quantizer: 'gptq', ratio: 0.0005 }));
  });

  it('the same weights give the same bytes', async () => {
    expect((await run({}, seen)).encoded).toEqual((await run({}, seen)).encoded);
  });

  it('weights that are not kept share their block’s grid; a kept one has none', async () => {
    const { encoded, positions } = await run({ ratio: 0.005 });
    const [at] = positions;
    const other = at === 0 ? 1 : at - 1;
    const entry = (i: number) => ({ row: Math.floor(i / c), column: i % c });
    expect(groupOf(encoded, { rows: r, columns: c }, entry(at))).toBeUndefined();
    expect(groupOf(encoded, { rows: r, columns: c }, entry(other))?.levels).toHaveLength(8);
  });

  it.each([
    ['MatMul', 4, 0.005],
    ['MatMul', 8, 0.05],
    ['Gemm', 3, 0.005],
    ['Gemm-transB', 2, 0.02],
    ['Conv', 5, 0.01],
  ] as const)(
    'runs as %s with %i bits and a share of %f, at the planned bytes, and is read back',
    async (op, bits, ratio) => {
      const wide = op === 'Conv' ? 81 : c;
      const own = oneLayerModel(op, r, wide);
      const options = meta.options.parse({ bits, ratio });
      const weight = { layer: own.layer, values: own.weight };
      const { encoded } = await encode(sparseOutliers, own.model, weight, options);
      const plan = formOf(sparseOutliers, own.layer, options, own.model);
      const made = writeEncodings(own.model, [{ layer: own.layer, encoded }]).model;
      const planned = writeEncodings(own.model, [{ layer: own.layer, encoded: plan }]).model;
      expect(bytesOfModel(made)).toBe(bytesOfModel(planned));
      const decoded = decodeWeight(encoded, r, wide);
      const stored = storedWeightOf(made, own.layer);
      expect(stored?.bits).toBe(bits);
      expect(stored && (await decodedValues(stored))).toEqual(decoded);
      const { y } = await runModel(made, { x: own.input });
      const expected = expectedOutput(op, decoded, r, wide, own.input);
      // Float32 sums of 81 products below 1.
      y.forEach((value, i) => expect(Math.abs(Number(value) - expected[i])).toBeLessThan(1e-4));
    },
  );

  it('half a percent costs 26 bits each: position and value', () => {
    const wide = oneLayerModel('MatMul', 512, 512);
    const bytesOf = (ratio: number) => {
      const encoded = formOf(sparseOutliers, wide.layer, meta.options.parse({ ratio }), wide.model);
      return writeEncodings(wide.model, [{ layer: wide.layer, encoded }]).bytes.get('y') ?? NaN;
    };
    expect(bytesOf(0.006) - bytesOf(0.005)).toBeCloseTo((262 * 26) / 8, -1);
  });

  it('refuses what is not finite, and old operator sets', async () => {
    const broken = values.map((v, i) => (i === 5 ? Infinity : v));
    await expect(run({}, nothingSeen, broken)).rejects.toThrow(
      'The weight of "w" holds NaN or infinity, so its largest weights are none that could be kept; leave this layer out or repair the file.',
    );
    const old = { ...model, opsets: [{ domain: '', version: 10 }] };
    expect(sparseOutliers.encoder.form(layer, meta.options.parse({}), old)).toEqual({
      refused:
        '"w" is in a model of operator set 10, and a weight stored sparse needs 11 or newer: export the model again with a newer operator set.',
    });
  });

  it('says what a half cannot hold', async () => {
    const huge = values.map((v, i) => (i === 5 ? 1e5 : v));
    expect((await run({}, nothingSeen, huge)).warnings).toEqual([
      '"w" has outliers beyond ±65504, the largest a half can hold, which were cut to it; leave this layer out.',
    ]);
  });
});

function energy(w: Float32Array): number {
  return w.reduce((sum, value) => sum + value * value, 0);
}
