import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { distance, runModel } from '../../../../../test/support/run-model.ts';
import { gemm } from '../../../kernels/gemm.ts';
import { encodedLength } from '../../../onnx/write.ts';
import { seededRandom } from '../../../random/seeded.ts';
import { madeBy, momentsOf } from '../testing.ts';
import { sharedBasis } from './basis.ts';
import { shareBasis } from './share-basis.ts';

const [ROWS, COLUMNS] = [9, 8];
const random = seededRandom(5);
const randoms = (n: number) => Float32Array.from({ length: n }, () => random.next() - 0.5);
const { values: gram } = momentsOf(COLUMNS, 'basis');

/** Σᵢ tr((Wᵢ − LᵢR)·G·(Wᵢ − LᵢR)ᵀ) */
function lossOf(
  weights: readonly Float32Array[],
  basis: ReturnType<typeof sharedBasis>,
  rank: number,
  g = gram,
) {
  return weights.reduce((sum, weight, at) => {
    const approx = gemm(ROWS, COLUMNS, rank, basis.lefts[at], basis.right);
    const error = weight.map((value, i) => value - approx[i]);
    const weighted = gemm(ROWS, COLUMNS, COLUMNS, error, g);
    return sum + error.reduce((part, value, i) => part + value * weighted[i], 0);
  }, 0);
}

describe('one basis', () => {
  const weights = [randoms(ROWS * COLUMNS), randoms(ROWS * COLUMNS)];
  const identity = Float32Array.from({ length: COLUMNS ** 2 }, (_, i) =>
    Number(i % (COLUMNS + 1) === 0),
  );

  it('gives weights back at full rank, and those that lie in a few directions from as many', () => {
    const whole = sharedBasis(weights, gram, ROWS, COLUMNS, COLUMNS);
    whole.lefts.forEach((left, at) => {
      const back = gemm(ROWS, COLUMNS, COLUMNS, left, whole.right);
      back.forEach((value, i) => expect(value).toBeCloseTo(weights[at][i], 4));
    });
    const common = randoms(3 * COLUMNS);
    const narrow = weights.map(() => gemm(ROWS, COLUMNS, 3, randoms(ROWS * 3), common));
    expect(lossOf(narrow, sharedBasis(narrow, gram, ROWS, COLUMNS, 3), 3)).toBeLessThan(1e-4);
  });

  it('costs the least on the data: less than the basis of the weights alone', () => {
    for (const rank of [2, 4, 6]) {
      const seeing = lossOf(weights, sharedBasis(weights, gram, ROWS, COLUMNS, rank), rank);
      const blind = lossOf(weights, sharedBasis(weights, identity, ROWS, COLUMNS, rank), rank);
      expect(seeing).toBeLessThan(0.95 * blind);
    }
  });
});

describe('a model', () => {
  const fixture = layoutFixtures.find(({ name }) => name === 'llama halves, opset 13');
  if (fixture === undefined) throw new Error('The fixture is gone.');
  const model = fixture.model();
  const feeds = feedsOf(model, fixture.feeds);
  const run = async (of: typeof model) => (await runModel(of, feeds)).get('logits');

  it('stores each basis once, as forecast', async () => {
    const { model: made, plan } = await madeBy(shareBasis, model, { size: 3, ratio: 0.6 });
    expect(encodedLength(made)).toBe(encodedLength(plan.model));
    const bases = made.graph.initializers.filter(({ name }) => name.endsWith('_right'));
    const lefts = made.graph.initializers.filter(({ name }) => name.endsWith('_left'));
    expect(lefts).toHaveLength(3 * bases.length);
    for (const role of ['query', 'down']) {
      const lines = plan.lines.filter(({ layer }) => layer.role === role);
      const [before, after] = (['bytesBefore', 'bytesAfter'] as const).map((key) =>
        lines.reduce((sum, line) => sum + line[key], 0),
      );
      expect(after).toBeLessThanOrEqual(0.6 * before);
    }
    expect(distance(await run(made), await run(model))).toBeGreaterThan(1e-4);
  });

  it('is refused above break-even, with the number', async () => {
    const { plan } = await madeBy(shareBasis, model, { size: 3, ratio: 0.5, rank: 40 });
    expect(plan.lines).toEqual([]);
    expect(plan.skipped[0].reason).toMatch(
      /^Of ".+" factors of rank 40 take no fewer bytes than the weight itself: only below rank [\d.]+ is anything saved, so it was left as it is\.$/,
    );
  });
});
