import { describe, expect, it } from 'vitest';
import { columns, relativeOutputError, rows, vector } from '../../../../../test/golden/load.ts';
import { lowRankCase } from '../../../../../test/golden/low-rank.ts';
import { expectedOutput, oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { activations, momentsOf, seenOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { encode, formOf } from '../../../../../test/support/methods.ts';
import { decodeWeight, writeEncodings } from '../../../encodings/index.ts';
import { outputError } from '../../../metrics/weight-error.ts';
import { inputOf, lookKey } from '../../../statistics/look.ts';
import { seenIn } from '../../../statistics/seen.ts';
import { gptq } from '../../quantization/gptq/gptq.ts';
import { meta as gptqMeta } from '../../quantization/gptq/meta.ts';
import { readWeight } from '../../weight.ts';
import { activationSvd } from '../activation-svd/activation-svd.ts';
import { meta as activationMeta } from '../activation-svd/meta.ts';
import { lowRankPlusQuantized } from './low-rank-plus-quantized.ts';
import { meta } from './meta.ts';

describe.each(['gptq', 'rtn'] as const)('the reference with %s', (quantizer) => {
  const { model, layer } = oneLayerModel('MatMul', rows, columns);
  const W = vector('W');
  const h = seenIn(
    new Map([[lookKey(inputOf(layer), 'moments'), { rows: 512, columns, values: vector('H') }]]),
  );
  const wanted = lowRankCase(`caldera_${quantizer}_2b_g64_r16`);
  const errorAfter = async (rounds: number): Promise<number> => {
    const options = meta.options.parse({
      ...{ bits: 2, blockSize: 64, rank: 16, factors: 'float32', rounds },
      quantizer: quantizer === 'rtn' ? 'round-to-nearest' : 'gptq',
    });
    const { encoded } = await encode(lowRankPlusQuantized, model, { layer, values: W }, options, h);
    return relativeOutputError(W, decodeWeight(encoded, rows, columns));
  };

  it('the best of ten rounds is not 2 % above it, and each part makes the other better', async () => {
    const error = await errorAfter(10);
    expect(error).toBeLessThan(1.02 * (wanted.relativeOutputError ?? NaN));
    expect(error).toBeLessThan(wanted.quantizedThenLowRank ?? NaN);
    expect(error).toBeLessThan(wanted.quantizedAlone ?? NaN);
  });

  it('the first round is within 0.5 % of it', async () => {
    const first = { gptq: 0.05475006133910465, rtn: 0.11262381860341937 }[quantizer];
    expect(Math.abs((await errorAfter(1)) / first - 1)).toBeLessThan(0.005);
  });
});

describe('low rank plus quantized', () => {
  const [r, c] = [48, 80];
  const { model, layer, weight, input } = oneLayerModel('MatMul', r, c);
  const fed = (seed: number) => activations(300, c, seed);
  const h = momentsOf(fed(4), c).values;
  const seen = seenOf([layer], () => fed(4));
  const run = async (given: object, data = seen) => {
    const options = meta.options.parse({ rank: 4, blockSize: 32, ...given });
    const { encoded } = await encode(
      lowRankPlusQuantized,
      model,
      await readWeight(model, layer),
      options,
      data,
    );
    return { encoded, error: outputError(weight, decodeWeight(encoded, r, c), h, c) };
  };

  it('the sum beats each part alone, and more rounds never hurt', async () => {
    const read = await readWeight(model, layer);
    const { encoded: codes } = await encode(
      gptq,
      model,
      read,
      gptqMeta.options.parse({ bits: 2, blockSize: 32, symmetric: false }),
      seen,
    );
    const { encoded: thin } = await encode(
      activationSvd,
      model,
      read,
      activationMeta.options.parse({ ranks: 'fixed', rank: 4 }),
      seen,
    );
    const one = await run({ rounds: 1 });
    const five = await run({ rounds: 5 });
    for (const alone of [codes, thin]) {
      expect(five.error).toBeLessThan(outputError(weight, decodeWeight(alone, r, c), h, c));
    }
    // Float32 rounding of the same pair when the first round is the best.
    expect(five.error).toBeLessThanOrEqual(one.error * (1 + 1e-6));
  });

  it('reacts to its calibration', async () => {
    const other = seenOf([layer], () => fed(5));
    expect((await run({})).encoded).not.toEqual((await run({}, other)).encoded);
    expect((await run({})).error).toBeLessThan((await run({}, other)).error);
  });

  it.each(['float16', 'float32'])(
    'runs, with %s factors, at the planned bytes',
    async (factors) => {
      const { encoded } = await run({ factors });
      const plan = formOf(
        lowRankPlusQuantized,
        layer,
        meta.options.parse({ rank: 4, blockSize: 32, factors }),
        model,
      );
      const made = writeEncodings(model, [{ layer, encoded }]).model;
      expect(bytesOfModel(made)).toBe(
        bytesOfModel(writeEncodings(model, [{ layer, encoded: plan }]).model),
      );
      const { y } = await runModel(made, { x: input });
      const decoded = decodeWeight(encoded, r, c);
      const expected = expectedOutput('MatMul', decoded, r, c, input);
      // Float32 sums of 80 products below 4.
      y.forEach((value, i) => expect(Math.abs(Number(value) - expected[i])).toBeLessThan(1e-4));
    },
  );

  it('is refused where it would not be smaller', () => {
    const options = meta.options.parse({ rank: 100 });
    expect(lowRankPlusQuantized.encoder.form(layer, options, model)).toEqual({
      refused:
        '"w" takes 15360 bytes, and 2-bit codes with factors of rank 100 about 27040, which is not smaller, so it was left as it is; choose a smaller rank.',
    });
  });

  it('needs calibration', async () => {
    const read = await readWeight(model, layer);
    await expect(encode(lowRankPlusQuantized, model, read, meta.options.parse({}))).rejects.toThrow(
      'Low rank plus quantized needs calibration data to know what "w" is fed with, and none was given; add calibration data or choose a method that needs none.',
    );
  });
});
