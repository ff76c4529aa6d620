import { describe, expect, it } from 'vitest';
import { oneLayerModel } from '../../../../test/fixtures/methods/models.ts';
import { columns, relativeOutputError, rows, vector } from '../../../../test/golden/load.ts';
import { lowRankCase } from '../../../../test/golden/low-rank.ts';
import { encode } from '../../../../test/support/methods.ts';
import { decodeWeight } from '../../encodings/index.ts';
import { inputOf, lookKey } from '../../statistics/look.ts';
import { seenIn, type Seen } from '../../statistics/seen.ts';
import type { Take } from '../../statistics/take.ts';
import type { EncoderMethod } from '../encoder-method.ts';
import { activationSvd } from './activation-svd/activation-svd.ts';
import { meta as activationMeta } from './activation-svd/meta.ts';
import { asvd } from './asvd/asvd.ts';
import { meta as asvdMeta } from './asvd/meta.ts';
import { fisherSvd } from './fisher-svd/fisher-svd.ts';
import { meta as fisherMeta } from './fisher-svd/meta.ts';
import { meta as svdMeta } from './svd/meta.ts';
import { svd } from './svd/svd.ts';

const { model, layer } = oneLayerModel('MatMul', rows, columns);
const W = vector('W');
const size = W.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Set A as a layer's weight and calibration. */
function seen(take: Take, result: object): Seen {
  return seenIn(new Map([[lookKey(inputOf(layer), take), result]]));
}

async function approximated<O>(method: EncoderMethod<O>, options: O, data?: Seen) {
  const { encoded } = await encode(method, model, { layer, values: W }, options, data);
  return decodeWeight(encoded, rows, columns);
}

/** max|Ŵ − Ŵ*| / max|W| */
function apart(values: Float32Array, name: string): number {
  const expected = vector(name);
  return values.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i])), 0) / size;
}

it('svd_r32: the truncated SVD', async () => {
  const values = await approximated(svd, svdMeta.options.parse({ ranks: 'fixed', rank: 32 }));
  expect(apart(values, 'svd_r32')).toBeLessThan(1e-6);
});

describe.each(['svd_act_r32', 'svdllm_r32', 'svdllm_r64'])('%s', (name) => {
  const { rank, relativeOutputError: wanted = NaN } = lowRankCase(name);

  it('whitened SVD: Ŵ within 1e-3, the output error within 0.1 %', async () => {
    const options = activationMeta.options.parse({ ranks: 'fixed', rank });
    const h = { rows: 512, columns, values: vector('H') };
    const values = await approximated(activationSvd, options, seen('moments', h));
    expect(apart(values, name)).toBeLessThan(1e-3);
    expect(Math.abs(relativeOutputError(W, values) / wanted - 1)).toBeLessThan(1e-3);
  });
});

describe.each(['asvd_a0.5_r32', 'asvd_a1_r32'])('%s', (name) => {
  const { rank, alpha, relativeOutputError: wanted = NaN, reference = NaN } = lowRankCase(name);

  it('the error of the exact SVD, below the randomised reference', async () => {
    const options = asvdMeta.options.parse({ ranks: 'fixed', rank, alpha });
    // The stored scale is (Σ mean|x|)^α + 1e-6.
    const magnitudes = vector(`${name}_scale`).map((s) => (s - 1e-6) ** (1 / options.alpha));
    const values = await approximated(asvd, options, seen('mean', { columns, magnitudes }));
    const error = relativeOutputError(W, values);
    expect(Math.abs(error / wanted - 1)).toBeLessThan(1e-3);
    expect(error).toBeLessThan(reference);
    if (name === 'asvd_a0.5_r32') expect(apart(values, name)).toBeLessThan(1e-4);
  });
});

it('fwsvd_r32: Ŵ within 1e-4, the weighted error within 0.1 % and below that of the plain SVD', async () => {
  const { rank, weightedError = NaN, plainWeightedError = NaN } = lowRankCase('fwsvd_r32');
  const fisher = Float64Array.from(vector('fwsvd_r32_rowfisher'));
  const weighted = (values: Float32Array): number => {
    let [error, total] = [0, 0];
    W.forEach((w, i) => {
      const importance = fisher[Math.floor(i / columns)];
      error += importance * (w - values[i]) ** 2;
      total += importance * w * w;
    });
    return error / total;
  };
  const options = fisherMeta.options.parse({ ranks: 'fixed', rank });
  const values = await approximated(fisherSvd, options, seen('weight gradient', { rows: fisher }));
  expect(apart(values, 'fwsvd_r32')).toBeLessThan(1e-4);
  expect(Math.abs(weighted(values) / weightedError - 1)).toBeLessThan(1e-3);
  const plain = await approximated(svd, svdMeta.options.parse({ ranks: 'fixed', rank }));
  expect(Math.abs(weighted(plain) / plainWeightedError - 1)).toBeLessThan(1e-3);
});
