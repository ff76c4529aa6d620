import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { plantedOutliers } from '../../../../../test/fixtures/models/planted-outliers.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { sizeOfModel } from '../../../../../test/support/model-size.ts';
import { relativeDistance, seenInRun, stepMade } from '../../../../../test/support/step-made.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { hadamardTransform } from '../../../linalg/hadamard.ts';
import type { Model } from '../../../onnx/types.ts';
import { seededRandom } from '../../../random/seeded.ts';
import { inputOf } from '../../../statistics/look.ts';
import { dynamicInt8 } from '../dynamic-int8/dynamic-int8.ts';
import { meta as dynamicMeta } from '../dynamic-int8/meta.ts';
import { meta as nearestMeta } from '../round-to-nearest/meta.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { drawnTurn } from './drawn-turn.ts';
import { hadamardTurn } from './hadamard-turn.ts';
import { meta } from './meta.ts';
import { rotation } from './rotation.ts';

describe.each(['hadamard', 'orthogonal'] as const)('a drawn %s turn', (kind) => {
  it.each([64, 48, 7])('of %i columns is orthogonal, and the same for the same seed', (width) => {
    const q = drawnTurn(width, kind, seededRandom(3)).matrix();
    for (let a = 0; a < width; a++) {
      for (let b = 0; b < width; b++) {
        let dot = 0;
        for (let i = 0; i < width; i++) dot += q[i * width + a] * q[i * width + b];
        expect(dot).toBeCloseTo(Number(a === b), 10);
      }
    }
    expect(drawnTurn(width, kind, seededRandom(3)).matrix()).toEqual(q);
    expect(drawnTurn(width, kind, seededRandom(4)).matrix()).not.toEqual(q);
  });
});

describe('a Hadamard turn', () => {
  const values = Float32Array.from({ length: 3 * 16 }, (_, i) => Math.sin(i));

  it('without signs is the transform', () => {
    const turn = hadamardTurn(new Float64Array(16).fill(1), Float64Array.of(1), 1);
    const expected = hadamardTransform(values, 3, 16);
    turn.along(values, [3, 16, 1]).forEach((x, i) => expect(x).toBeCloseTo(expected[i], 6));
  });

  it.each([
    [1, 24, 5],
    [5, 24, 1],
    [2, 24, 70],
  ] as const)('along the middle of %i × %i × %i is the product with its matrix', (o, d, n) => {
    const turn = drawnTurn(d, 'hadamard', seededRandom(1));
    const gain = Float32Array.from({ length: d }, (_, i) => 1 + (i % 3));
    const t = Float32Array.from({ length: o * d * n }, (_, i) => Math.sin(1.1 * i));
    for (const weighing of [{}, { gain }, { centred: true }]) {
      const p = turn.matrix(weighing);
      const made = turn.along(t, [o, d, n], weighing);
      for (let at = 0; at < made.length; at += 7) {
        const [outer, k, inner] = [Math.floor(at / (d * n)), Math.floor(at / n) % d, at % n];
        let sum = 0;
        for (let i = 0; i < d; i++) sum += t[(outer * d + i) * n + inner] * p[i * d + k];
        expect(made[at]).toBeCloseTo(sum, 5);
      }
    }
  });
});

const able = layoutFixtures.filter(({ name }) => !name.startsWith('bert'));

describe.each(able.map((fixture) => [fixture.name, fixture] as const))(
  '%s, turned',
  (_, fixture) => {
    it('is the same function of the same parts', async () => {
      const model = fixture.model();
      const feeds = feedsOf(model, fixture.feeds);
      const { model: turned, ground } = await stepMade(
        rotation,
        meta.options.parse({}),
        model,
        feeds,
      );
      expect(await relativeDistance(model, turned, feeds)).toBeLessThan(1e-5);
      const [was, is] = [ground.anatomy, recognise(turned)];
      expect([is.hiddenSize, is.blocks.length]).toEqual([was.hiddenSize, was.blocks.length]);
    });
  },
);

function fixtureNamed(name: string) {
  return layoutFixtures.find((one) => one.name === name) ?? expect.fail(name);
}

/** Σx⁴ / (Σx²)² · d, averaged over the inputs of a model's layers behind norms: 1 where all columns are alike. */
async function peakedness(model: Model, feeds: Parameters<typeof seenInRun>[2]): Promise<number> {
  const layers = recognise(model).layers.filter(({ role }) => /^(query|gate|up)/.test(role));
  const seen = await seenInRun(model, layers, feeds);
  const each = layers.map((layer) => {
    const norms = seen.at(inputOf(layer), 'norms')?.values ?? expect.fail(layer.name);
    const squares = [...norms].map((norm) => norm ** 2);
    const sum = squares.reduce((a, b) => a + b, 0);
    return (squares.length * squares.reduce((a, b) => a + b * b, 0)) / (sum * sum);
  });
  return each.reduce((a, b) => a + b, 0) / each.length;
}

describe.each(['gpt2 plain, opset 13', 'llama pairs, opset 23'])(
  'planted outliers in %s',
  (name) => {
    const fixture = fixtureNamed(name);
    const isProduct = ({ op }: Layer): boolean => op === 'MatMul' || op === 'Gemm';

    it.each(['hadamard', 'orthogonal'])('are gone after a %s rotation', async (kind) => {
      const model = await plantedOutliers(fixture.model());
      const feeds = feedsOf(model, fixture.feeds);
      const options = meta.options.parse({ rotation: kind });
      const { model: turned } = await stepMade(rotation, options, model, feeds);
      expect(await relativeDistance(model, turned, feeds)).toBeLessThan(1e-5);
      expect(await peakedness(turned, feeds)).toBeLessThan((await peakedness(model, feeds)) / 3);
      const int8 = dynamicMeta.options.parse({});
      const nearest = nearestMeta.options.parse({ bits: 4, blockSize: 'channel' });
      const rough = await stepMade(dynamicInt8, int8, model, feeds, isProduct);
      const fine = await stepMade(dynamicInt8, int8, turned, feeds, isProduct);
      const [before, after] = [
        await relativeDistance(model, rough.model, feeds),
        await relativeDistance(model, fine.model, feeds),
      ];
      expect(after ** 2).toBeLessThan(before ** 2 / 3);
      const four = await stepMade(roundToNearest, nearest, model, feeds, isProduct);
      const turnedFour = await stepMade(roundToNearest, nearest, turned, feeds, isProduct);
      expect(await relativeDistance(model, turnedFour.model, feeds)).toBeLessThan(
        await relativeDistance(model, four.model, feeds),
      );
    });
  },
);

it('adds what the plan says: nothing but norms written out where no table is tied', async () => {
  const fixture = fixtureNamed('llama pairs, opset 23');
  const model = fixture.model();
  const feeds = feedsOf(model, fixture.feeds);
  const { model: turned, plan } = await stepMade(rotation, meta.options.parse({}), model, feeds);
  expect(sizeOfModel(turned)).toBe(sizeOfModel(plan.model));
  for (const { bytesBefore, bytesAfter } of plan.lines) expect(bytesAfter).toBe(bytesBefore);
});

describe('what cannot be turned', () => {
  it('is refused where norms lie on the stream', async () => {
    const fixture = layoutFixtures.find(({ name }) => name.startsWith('bert')) ?? expect.fail();
    const model = fixture.model();
    const made = stepMade(rotation, meta.options.parse({}), model, feedsOf(model, fixture.feeds));
    await expect(made).rejects.toThrow(
      /^In this model a norm lies on the residual stream itself \(".+", post-norm as in BERT\), so the stream cannot be turned without changing what the norm gives; leave this step out\.$/,
    );
  });
});
