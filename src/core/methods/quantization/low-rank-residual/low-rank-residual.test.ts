import { describe, expect, it } from 'vitest';
import { columns, relativeOutputError, rows, vector } from '../../../../../test/golden/load.ts';
import { lowRankCase } from '../../../../../test/golden/low-rank.ts';
import { expectedOutput, oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { activations, momentsOf, seenOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { encode, formOf } from '../../../../../test/support/methods.ts';
import { findAdapters } from '../../../adapters/find.ts';
import { decodeWeight, writeEncodings } from '../../../encodings/index.ts';
import { gemm } from '../../../kernels/gemm.ts';
import { outputError, weightError } from '../../../metrics/weight-error.ts';
import { inputOf, lookKey } from '../../../statistics/look.ts';
import { seenIn } from '../../../statistics/seen.ts';
import { leftBasis, factorise, type Basis } from '../../low-rank/factorise.ts';
import { readWeight } from '../../weight.ts';
import { meta as roundMeta } from '../round-to-nearest/meta.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { errorBasis, scaledBasis } from './error-basis.ts';
import { lowRankResidual } from './low-rank-residual.ts';
import { meta } from './meta.ts';

const minus = (a: Float32Array, b: Float32Array) => a.map((value, i) => value - b[i]);
const plus = (a: Float32Array, b: Float32Array) => a.map((value, i) => value + b[i]);
const farthest = (a: Float32Array, b: Float32Array) =>
  minus(a, b).reduce((most, d) => Math.max(most, Math.abs(d)), 0);

describe('the reference’s correction of rank 16', () => {
  const { layer } = oneLayerModel('MatMul', rows, columns);
  const W = vector('W');
  const moments = { rows: 512, columns, values: vector('H') };
  const seen = seenIn(new Map([[lookKey(inputOf(layer), 'moments'), moments]]));
  const corrected = (base: Float32Array, basis: Basis) => {
    const { left, right } = factorise(minus(W, base), rows, columns, basis, 16);
    return plus(base, gemm(rows, columns, 16, left, right));
  };

  it.each(['rtn_4b_g128', 'wanda_50'])('EoRA over %s', (name) => {
    const base = vector(name);
    const basis = errorBasis(minus(W, base), { layer, values: W }, seen, 'moments');
    const found = corrected(base, basis);
    const { relativeOutputError: wanted = NaN } = lowRankCase(`eora_r16_${name}`);
    // The manifest's rule: Ŵ within 1e-4, or the error on the output within 0.2 %.
    const near = farthest(found, vector(`eora_r16_${name}`)) < 1e-4;
    expect(near || Math.abs(relativeOutputError(W, found) / wanted - 1) < 0.002).toBe(true);
    const plain = corrected(base, leftBasis(minus(W, base), rows, columns));
    expect(relativeOutputError(W, found)).toBeLessThan(relativeOutputError(W, plain));
  });

  it('LQER over 4 bits, with the scales that it takes', () => {
    const base = vector('rtn_4b_g128');
    const basis = scaledBasis(minus(W, base), vector('lqer_r16_rtn_4b_g128_scale'), rows);
    const found = corrected(base, basis);
    expect(farthest(found, vector('lqer_r16_rtn_4b_g128'))).toBeLessThan(1e-4);
  });

  it('LQER over half of the weights', () => {
    const base = vector('wanda_50');
    const scale = vector('lqer_r16_wanda_50_scale');
    const found = corrected(base, scaledBasis(minus(W, base), scale, rows));
    const { relativeOutputError: wanted = NaN } = lowRankCase('lqer_r16_wanda_50');
    expect(Math.abs(relativeOutputError(W, found) / wanted - 1)).toBeLessThan(0.002);
  });

  it('LoRC: the error of the weights falls with each rank, by what the singular values say', () => {
    const base = vector('rtn_4b_g128');
    const error = minus(W, base);
    const basis = leftBasis(error, rows, columns);
    const total = basis.squares.reduce((sum, square) => sum + square, 0);
    let left = total;
    for (let rank = 1; rank <= 32; rank++) {
      left -= basis.squares[rank - 1];
      const factors = factorise(error, rows, columns, basis, rank);
      const rest = minus(error, gemm(rows, columns, rank, factors.left, factors.right));
      const sum = rest.reduce((s, value) => s + value * value, 0);
      // Sums of 32768 squares of float32 numbers.
      expect(Math.abs(sum / left - 1)).toBeLessThan(1e-4);
    }
  });
});

describe('low-rank residual', () => {
  const [r, c] = [48, 80];
  const { model, layer, weight } = oneLayerModel('MatMul', r, c);
  const fed = (seed: number) => activations(300, c, seed);
  const h = momentsOf(fed(4), c).values;
  const seen = seenOf([layer], () => fed(4));
  const run = async (given: object, data = seen) => {
    const options = meta.options.parse({ bits: 3, rank: 4, ...given });
    const { encoded } = await encode(
      lowRankResidual,
      model,
      await readWeight(model, layer),
      options,
      data,
    );
    const decoded = decodeWeight(encoded, r, c);
    return { encoded, decoded, output: outputError(weight, decoded, h, c) };
  };

  it.each(['round-to-nearest', 'hqq', 'gptq'])(
    'over %s: more rank, less error, in the metric of each basis',
    async (quantizer) => {
      const outputs = [];
      const weights = [];
      for (const rank of [1, 4, 16]) {
        outputs.push((await run({ rank, quantizer, basis: 'moments' })).output);
        const { decoded } = await run({ rank, quantizer, basis: 'weights' });
        weights.push(weightError(weight, decoded));
      }
      for (const errors of [outputs, weights]) {
        expect(errors[1]).toBeLessThan(errors[0]);
        expect(errors[2]).toBeLessThan(errors[1]);
      }
    },
  );

  it('each basis is best in its own metric, and all beat rounding alone', async () => {
    const read = await readWeight(model, layer);
    const { encoded } = await encode(
      roundToNearest,
      model,
      read,
      roundMeta.options.parse({ bits: 3 }),
    );
    const alone = decodeWeight(encoded, r, c);
    const [weights, scaled, moments] = [
      await run({ basis: 'weights' }),
      await run({ basis: 'scaled' }),
      await run({ basis: 'moments' }),
    ];
    for (const { output } of [weights, scaled, moments])
      expect(output).toBeLessThan(outputError(weight, alone, h, c));
    expect(moments.output).toBeLessThan(scaled.output);
    expect(scaled.output).toBeLessThan(weights.output);
    expect(weightError(weight, weights.decoded)).toBeLessThan(weightError(weight, moments.decoded));
  });

  it('reacts to its calibration, and without data takes the weights’ own error', async () => {
    const other = seenOf([layer], () => fed(5));
    expect((await run({})).output).toBeLessThan((await run({}, other)).output);
    const none = seenIn(new Map());
    expect((await run({ basis: 'weights' }, none)).encoded).toEqual(
      (await run({ basis: 'weights' })).encoded,
    );
  });

  it('what was never fed cannot blow the correction up', async () => {
    // 6 rows for 80 columns: 74 eigenvalues of XᵀX are nothing but rounding.
    const x = activations(6, c, 4);
    const { decoded } = await run(
      { rank: 20 },
      seenOf([layer], () => x),
    );
    const { decoded: alone } = await run(
      { rank: 1 },
      seenOf([layer], () => x),
    );
    expect(weightError(weight, decoded)).toBeLessThan(weightError(weight, alone));
    expect(outputError(weight, decoded, momentsOf(x, c).values, c)).toBeLessThan(1e-6);
  });

  it.each([
    ['MatMul', 'float16'],
    ['MatMul', 'float32'],
    ['MatMul', '8 bits'],
    ['Gemm', 'float16'],
    ['Gemm-transB', '8 bits'],
    ['Conv', 'float16'],
  ] as const)('runs as %s with factors in %s, at the planned bytes', async (op, factors) => {
    // What a kernel of 3 × 3 can be unfolded to.
    const wide = op === 'Conv' ? 81 : c;
    const own = oneLayerModel(op, r, wide);
    const options = meta.options.parse({ rank: 4, factors });
    const { encoded } = await encode(
      lowRankResidual,
      own.model,
      await readWeight(own.model, own.layer),
      options,
      seenOf([own.layer], () => activations(300, wide, 4)),
    );
    const plan = formOf(lowRankResidual, own.layer, options, own.model);
    const made = writeEncodings(own.model, [{ layer: own.layer, encoded }]).model;
    const planned = writeEncodings(own.model, [{ layer: own.layer, encoded: plan }]).model;
    expect(bytesOfModel(made)).toBe(bytesOfModel(planned));
    const { y } = await runModel(made, { x: own.input });
    const expected = expectedOutput(op, decodeWeight(encoded, r, wide), r, wide, own.input);
    // Float32 sums of 80 products below 4.
    y.forEach((value, i) => expect(Math.abs(Number(value) - expected[i])).toBeLessThan(1e-4));
  });

  it('stands in the file as an adapter that others find', async () => {
    const { encoded } = await run({});
    const made = writeEncodings(model, [{ layer, encoded }]).model;
    const [adapter, ...more] = await findAdapters(made);
    expect(more).toEqual([]);
    expect(adapter).toMatchObject({
      module: 'w',
      scale: 1,
      a: { dims: [c, 4] },
      b: { dims: [4, r] },
    });
    const eight = await run({ factors: '8 bits' });
    const packed = writeEncodings(model, [{ layer, encoded: eight.encoded }]).model;
    expect(await findAdapters(packed)).toEqual([]);
  });

  it.each([
    [
      48,
      '"w" is a 48 × 80 matrix, and a correction of rank 48 would be no smaller than that, so it was left as it is; choose a rank below 48.',
    ],
  ])('rank %i is refused', (rank, refused) => {
    const options = meta.options.parse({ rank });
    expect(lowRankResidual.encoder.form(layer, options, model)).toEqual({ refused });
  });

  it('is refused where it would not be smaller', () => {
    const options = meta.options.parse({ rank: 47, factors: 'float32', bits: 8 });
    expect(lowRankResidual.encoder.form(layer, options, model)).toEqual({
      refused:
        '"w" takes 15360 bytes, and 8-bit codes with factors of rank 47 about 28480, which is not smaller, so it was left as it is; choose a smaller rank.',
    });
  });

  it('needs calibration where its basis does, and finite weights', async () => {
    const read = await readWeight(model, layer);
    await expect(encode(lowRankResidual, model, read, meta.options.parse({}))).rejects.toThrow(
      'Low-rank residual needs calibration data to know what "w" is fed with, and none was given; add calibration data or choose a method that needs none.',
    );
    const broken = { layer, values: read.values.map((v, i) => (i === 7 ? NaN : v)) };
    await expect(
      encode(lowRankResidual, model, broken, meta.options.parse({ basis: 'weights' })),
    ).rejects.toThrow(
      'The weight of "w" holds NaN or infinity, so it has no singular values; leave this layer out or repair the file.',
    );
  });
});
