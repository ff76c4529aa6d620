import { describe, expect, it } from 'vitest';
import { oneLayerModel } from '../../../../test/fixtures/methods/models.ts';
import { encode } from '../../../../test/support/methods.ts';
import { breakEven, largestRank, rankForRatio } from './break-even.ts';
import { meta } from './svd/meta.ts';
import { svd } from './svd/svd.ts';

const SAME = { weightBits: 32, factorBits: 32 };

describe('break-even', () => {
  it.each([
    [64, 64, 32, 31],
    [96, 32, 24, 23],
    [8, 1000, 7.936507936507937, 7],
    [1, 50, 0.9803921568627451, 0],
  ])('of %i×%i is %d, the largest rank %i', (rows, columns, even, largest) => {
    expect(breakEven({ rows, columns, ...SAME })).toBeCloseTo(even, 12);
    expect(largestRank({ rows, columns, ...SAME })).toBe(largest);
  });

  it('half-precision factors of a float32 weight break even at twice the rank, or never', () => {
    expect(breakEven({ rows: 64, columns: 64, weightBits: 32, factorBits: 16 })).toBe(64);
    expect(largestRank({ rows: 64, columns: 16, weightBits: 32, factorBits: 16 })).toBe(16);
  });

  it.each([0.01, 0.2, 0.5, 0.9, 1])(
    'a share of %d is not exceeded, and rank 1 the least',
    (ratio) => {
      const factored = { rows: 48, columns: 80, ...SAME };
      const rank = rankForRatio(factored, ratio);
      expect(rank === 1 || rank * 128 <= ratio * 48 * 80).toBe(true);
      expect(rank).toBeLessThanOrEqual(largestRank(factored));
    },
  );
});

describe('what is refused', () => {
  const { model, layer } = oneLayerModel('MatMul', 24, 36);
  const reasonOf = (given: object, one = { model, layer }) => {
    const form = svd.encoder.form(one.layer, meta.options.parse(given), one.model);
    return 'refused' in form ? form.refused : undefined;
  };

  it('a rank that saves nothing, with the number', () => {
    expect(reasonOf({ ranks: 'fixed', rank: 14 })).toBeUndefined();
    expect(reasonOf({ ranks: 'fixed', rank: 15 })).toBe(
      '"w" is 24×36, and two factors take fewer bytes only below rank 14.4 (break-even); rank 15 would save nothing, so it was left as it is: choose a rank of at most 14.',
    );
    expect(reasonOf({}, oneLayerModel('MatMul', 1, 50))).toBe(
      '"w" is 1×50, and two factors take fewer bytes only below rank 1.0 (break-even); rank 1 would save nothing, so it was left as it is: it cannot be stored smaller this way.',
    );
  });

  it('a layer that was not there when ranks were decided', () => {
    expect(reasonOf({ ranks: 'energy', rankPerLayer: { other: 3 } })).toBe(
      '"w" was not there when the rank of each layer was decided, so it was left as it is; clear "rankPerLayer" to decide again.',
    );
  });

  it('half-precision factors in a very old operator set', () => {
    expect(reasonOf({ factors: 'float16' }, oneLayerModel('MatMul', 24, 36, { opset: 8 }))).toBe(
      '"w" is in a model of operator set 8, and float16 factors need 9 or newer: export the model again with a newer operator set.',
    );
  });

  it('a weight that is not finite', async () => {
    const broken = { layer, values: new Float32Array(24 * 36).fill(NaN) };
    await expect(encode(svd, model, broken, meta.options.parse({}))).rejects.toThrow(
      'The weight of "w" holds NaN or infinity, so it has no singular values; leave this layer out or repair the file.',
    );
  });

  it.each([{ ranks: 'some' }, { ratio: 0 }, { ratio: 1.5 }, { rank: 0 }, { energy: 2 }])(
    'the option %j',
    (given) => expect(meta.options.safeParse(given).success).toBe(false),
  );
});
