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
