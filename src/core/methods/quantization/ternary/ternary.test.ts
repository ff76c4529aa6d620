import { describe, expect, it } from 'vitest';
import { columns, rows, vector } from '../../../../../test/golden/load.ts';
import { outputErrorOff, shareMet, tableCases } from '../../../../../test/golden/tables.ts';
import {
  expectedOutput,
  oneLayerModel,
  randomFloats,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { activations, momentsOf, seenOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { compressed, encode, encodedModel, formOf } from '../../../../../test/support/methods.ts';
import { decodeWeight, requireKind, writeEncodings } from '../../../encodings/index.ts';
import { outputError, weightError } from '../../../metrics/weight-error.ts';
import { inputOf, lookKey } from '../../../statistics/look.ts';
import { nothingSeen, seenIn, type Seen } from '../../../statistics/seen.ts';
import { sharedOptions } from '../../../recipe/shared-options.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { meta } from './meta.ts';
import { ternary } from './ternary.ts';

type Size = readonly [rows: number, columns: number];

/** Rows that end with blocks and bytes, and rows that do not. */
const SIZES: readonly Size[] = [
  [11, 45],
  [8, 144],
];

async function quantize(
  values: Float32Array,
  [r, c]: Size,
  options: unknown,
  seen: Seen = nothingSeen,
) {
  const { model, layer } = oneLayerModel('MatMul', r, c);
  const parsed = meta.options.parse(options);
  const { encoded } = await encode(ternary, model, { layer, values }, parsed, seen);
  return requireKind(encoded, 'coded');
}

async function weightOf(values: Float32Array, size: Size, options: unknown, seen?: Seen) {
  return decodeWeight(await quantize(values, size, options, seen), ...size);
}

const THRESHOLDS = ['twn', 'optimal', 'alternating'] as const;

describe('the reference', () => {
  const W = vector('W');
  const { layer } = oneLayerModel('MatMul', rows, columns);
  const h = seenIn(
    new Map([[lookKey(inputOf(layer), 'moments'), { rows: 512, columns, values: vector('H') }]]),
  );
  const golden = (options: unknown, seen?: Seen) => weightOf(W, [rows, columns], options, seen);

  it.each([
    ['twn_g128', { threshold: 'twn', blockSize: 128 }],
    ['ternary_optimal_g128', { threshold: 'optimal', blockSize: 128 }],
    ['pt2_itf_g128', { threshold: 'alternating', blockSize: 128 }],
    ['pt2_itf_aga_g128', { threshold: 'alternating', blockSize: 128, align: true }],
  ])('is met in 999 of 1000 entries, and in its error: %s', async (name, options) => {
    const decoded = await golden(options, h);
    expect(shareMet(decoded, name)).toBeGreaterThanOrEqual(0.999);
    expect(outputErrorOff(decoded, name)).toBeLessThan(0.005);
  });

  it.each([
    ['twn_pc', { threshold: 'twn', blockSize: 'channel' }],
    ['ternary_optimal_pc', { threshold: 'optimal', blockSize: 'channel' }],
    ['pt2_itf_pc', { threshold: 'alternating', blockSize: 'channel' }],
    ['pt2_itf_aga_pc', { threshold: 'alternating', blockSize: 'channel', align: true }],
  ])('has the errors of %s', async (name, options) => {
    const decoded = await golden(options, h);
    expect(outputErrorOff(decoded, name)).toBeLessThan(0.005);
    expect(Math.abs(weightError(W, decoded) / tableCases[name].rel_w_err - 1)).toBeLessThan(0.005);
  });
});

describe('ternary weights', () => {
  it('the optimal threshold is never beaten by another, block by block', async () => {
    const W = randomFloats(24, 3).map((w) => w ** 3);
    const best = weightError(W, await weightOf(W, [1, 24], { blockSize: 32 }));
    for (const delta of W.map(Math.abs)) {
      const kept = W.map(Math.abs).filter((size) => size >= delta);
      const alpha = kept.reduce((sum, size) => sum + size, 0) / kept.length;
      const other = W.map((w) => (Math.abs(w) >= delta ? Math.sign(w) * alpha : 0));
      expect(best).toBeLessThanOrEqual(weightError(W, other) + 1e-7);
    }
  });

  it('optimal is not worse than TWN, and values off zero not worse where weights lean', async () => {
    const W = vector('W');
    const error = async (w: Float32Array, threshold: string, blockSize: unknown) =>
      weightError(w, await weightOf(w, [rows, columns], { threshold, blockSize }));
    for (const blockSize of [16, 64, 'channel']) {
      const optimal = await error(W, 'optimal', blockSize);
      expect(optimal).toBeLessThan(await error(W, 'twn', blockSize));
      const leaning = W.map((w) => w + 0.05);
      expect(await error(leaning, 'alternating', blockSize)).toBeLessThan(
        await error(leaning, 'optimal', blockSize),
      );
    }
  });

  it('beats rounding to −max, 0 and max of a block', async () => {
    const W = vector('W');
    const naive = W.map((w, i) => {
      const block = W.subarray(i - (i % 64), i - (i % 64) + 64);
      const most = Math.max(...block.map(Math.abs));
      return most * Math.round(w / most);
    });
    for (const threshold of THRESHOLDS)
      expect(weightError(W, await weightOf(W, [rows, columns], { threshold }))).toBeLessThan(
        weightError(W, naive),
      );
  });

  it('its baseline has even steps of 2 bits in the same blocks', () => {
    const shared = sharedOptions(roundToNearest, meta.options.parse({ blockSize: 128 }), ternary);
    expect(shared).toMatchObject({ bits: 2, blockSize: 128, symmetric: true });
  });

  it.each(THRESHOLDS)(
    '%s: aligning lowers the output error, and reacts to its data',
    async (threshold) => {
      const [r, c] = [24, 64];
      const { layer, weight } = oneLayerModel('MatMul', r, c);
      const h = momentsOf(activations(300, c, 4), c).values;
      const own = seenOf([layer], () => activations(300, c, 4));
      const foreign = seenOf([layer], () => activations(300, c, 5));
      const options = { threshold, blockSize: 'channel' };
      const error = async (o: object, seen?: Seen) =>
        outputError(weight, await weightOf(weight, [r, c], { ...options, ...o }, seen), h, c);
      const aligned = await error({ align: true }, own);
      expect(aligned).toBeLessThan(await error({}));
      expect(aligned).toBeLessThan(await error({ align: true }, foreign));
    },
  );

  it('keeps zeros and ternary weights, and blocks of one value where values may lie off zero', async () => {
    const W = Float32Array.from({ length: 96 }, (_, i) => (i < 32 ? 0 : [-0.5, 0, 0.5][i % 3]));
    for (const threshold of THRESHOLDS)
      expect(await weightOf(W, [1, 96], { threshold, blockSize: 32 })).toEqual(W);
    const flat = new Float32Array(32).fill(0.3);
    expect(await weightOf(flat, [1, 32], { threshold: 'alternating' })).toEqual(flat);
  });

  it.each<TestOp>(['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'])(
    'runs as %s at the planned bytes',
    async (op) => {
      for (const threshold of ['optimal', 'alternating'] as const)
        for (const size of SIZES) {
          const options = meta.options.parse({ threshold, blockSize: 16 });
          const { model, layer, input, weight } = oneLayerModel(op, ...size);
          const { encoded } = await encode(ternary, model, { layer, values: weight }, options);
          const made = writeEncodings(model, [{ layer, encoded }]).model;
          const form = formOf(ternary, layer, options, model);
          expect(bytesOfModel(made)).toBe(
            bytesOfModel(writeEncodings(model, [{ layer, encoded: form }]).model),
          );
          const { y } = await runModel(made, { x: input });
          const expected = expectedOutput(op, decodeWeight(encoded, ...size), ...size, input);
          y.forEach((v, i) =>
            expect(Math.abs(Number(v) - expected[i])).toBeLessThan(144 * 2 ** -21),
          );
        }
    },
  );

  it('is MatMulNBits of 2 bits, and says that it takes them', async () => {
    const { model, layer } = oneLayerModel('MatMul', 8, 64);
    const { model: made, plan } = await encodedModel(
      ternary,
      model,
      [layer],
      meta.options.parse({}),
    );
    expect(made.graph.nodes.map(({ opType }) => opType)).toEqual(['MatMulNBits']);
    expect(plan.lines[0].bytesAfter).toBe(8 * (64 / 4 + 4));
    expect(plan.warnings).toEqual([
      'Ternary weights take 2 bits each, and their scales: of the four codes three are used, as onnxruntime multiplies with nothing narrower.',
    ]);
    expect(meta.plain).toContain('Stored in 2 bits');
  });

  it('refuses what has no range, what is no plain weight, and aligning to nothing', async () => {
    const bad = new Float32Array(32);
    bad[17] = NaN;
    await expect(quantize(bad, [1, 32], { blockSize: 16 })).rejects.toThrow(
      'Block 1 of this weight holds a value that is not a finite number, so it has no range: repair or re-export the model, or leave this layer out.',
    );
    const { model, layer } = oneLayerModel('MatMul', 4, 32);
    const old = { ...model, opsets: [{ domain: '', version: 9 }] };
    await expect(compressed(ternary, old, layer, meta.options.parse({}))).rejects.toThrow(
      '"w" is in a model of operator set 9, and a quantized weight needs 10 or newer: export the model again with a newer operator set.',
    );
    await expect(quantize(randomFloats(64, 1), [1, 64], { align: true })).rejects.toThrow(
      'Ternary needs calibration data to know what "w" is fed with, and none was given; add calibration data or choose a method that needs none.',
    );
  });
});
