import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { runFirstOutput } from '../../../test/fixtures/layouts/run.ts';
import { recognise } from '../anatomy/recognise.ts';
import { fillHoles, requireFilled } from '../onnx/fill.ts';
import { seededRandom } from '../random/seeded.ts';
import { applyFolds, fillFolds, findFolds, tieScales, type Fold } from './index.ts';

/** Any positive scales. */
function anyScales(folds: readonly Fold[]): Float64Array[] {
  const random = seededRandom(7);
  return folds.map((fold) =>
    tieScales(
      fold,
      Float64Array.from({ length: fold.channels }, () => 4 ** (2 * random.next() - 1)),
    ),
  );
}

describe.each(layoutFixtures.map((fixture) => [fixture.name, fixture] as const))(
  '%s',
  (_, fixture) => {
    const model = fixture.model();
    const folds = findFolds(model, recognise(model).layers);

    it('gives the same for every scale that is folded in', async () => {
      const folded = applyFolds(model, folds, new Set());
      const filled = fillHoles(folded.model, await fillFolds(folded, model, anyScales(folds)));
      requireFilled(filled);
      const [before, after] = [
        await runFirstOutput(model, fixture.feeds),
        await runFirstOutput(filled, fixture.feeds),
      ];
      const size = before.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      const apart = before.data.reduce(
        (most, v, i) => Math.max(most, Math.abs(v - after.data[i])),
        0,
      );
      expect(folds.length).toBeGreaterThan(0);
      expect(after.dims).toEqual(before.dims);
      expect(apart / size).toBeLessThan(1e-5);
    });
  },
);

describe('what takes a scale', () => {
  // GELU hands no scale on, a cache keeps its meaning, and a post-norm stream is read by its sum, too.
  it.each([
    ['gpt2 plain, opset 13', { norm: 7, layer: 3, multiplication: 3 }],
    ['gpt2 with cache', { norm: 7, multiplication: 6 }],
    ['opt fused', { norm: 5, layer: 4 }],
    ['llama pairs, opset 23', { norm: 7, layer: 6 }],
    ['llama packed', { norm: 7, layer: 3, multiplication: 3 }],
    ['bert plain, opset 18', { layer: 2, multiplication: 8 }],
    ['vit fused', { norm: 4, layer: 2, multiplication: 3 }],
    ['whisper fused', { norm: 12, layer: 6, multiplication: 4 }],
    ['t5 gated, fused', { norm: 12, layer: 10 }],
  ])('%s', (name, expected) => {
    const found = layoutFixtures.find((fixture) => fixture.name === name);
    const model = found?.model() ?? expect.fail(name);
    const counts: Record<string, number> = {};
    for (const { by, reason } of findFolds(model, recognise(model).layers)) {
      counts[by] = (counts[by] ?? 0) + 1;
      expect(reason !== undefined).toBe(by === 'multiplication');
    }
    expect(counts).toEqual(expected);
  });

  it('q, k and v share one scale, gate and up another', () => {
    const model = layoutFixtures.find(({ name }) => name === 'llama pairs, opset 23')?.model();
    const folds = model ? findFolds(model, recognise(model).layers) : [];
    const roles = folds.map(({ readers }) => readers.map(({ role }) => role).join(' '));
    expect(roles.slice(0, 4)).toEqual(['query key value', 'attention-output', 'gate up', 'down']);
  });
});
