/** On every layout, plain and fused, all branches and tied weights: the file computes what was trained. */
import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { trainingOf } from '../../../../../test/support/methods.ts';
import { distance, runModel } from '../../../../../test/support/run-model.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { meta } from './meta.ts';
import { qat } from './qat.ts';

describe('quantization-aware training', () => {
  it.each(layoutFixtures.map((fixture) => [fixture.name, fixture] as const))(
    '%s',
    async (_, fixture) => {
      const model = fixture.model();
      const { layers } = recognise(model);
      const posed = await trainingOf(
        qat,
        model,
        layers,
        meta.options.parse({ bits: 4, blockSize: 16 }),
      );
      expect(posed.trainable.length).toBeGreaterThan(0);
      const file = await posed.filled(posed.student);
      const feeds = feedsOf(model, fixture.feeds);
      const [trained, stored] = [await runModel(posed.student, feeds), await runModel(file, feeds)];
      for (const [name, value] of stored) {
        expect(distance(trained.get(name), value), name).toBeLessThan(1e-3);
      }
    },
  );
});
