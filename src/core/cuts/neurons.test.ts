import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { mixtureFixtures } from '../../../test/fixtures/layouts/llama.ts';
import { cutAndMasked, farthest, withoutEvery } from '../../../test/support/cuts.ts';
import { feedsOf } from '../../../test/support/layout-feeds.ts';
import { recognise } from '../anatomy/recognise.ts';
import { findNeurons } from './neurons.ts';

describe('a model with fewer feed-forward neurons', () => {
  it.each([...layoutFixtures, ...mixtureFixtures])(
    '$name computes what the masked one does',
    async ({ model: build, feeds }) => {
      const model = build();
      const anatomy = recognise(model);
      const { groups, skipped } = findNeurons(model, anatomy);
      expect(skipped).toEqual([]);
      const kept = withoutEvery(groups, 3);
      const models = await cutAndMasked(model, groups, kept);
      const { plan } = models;
      expect(plan.failed).toEqual([]);
      expect(await farthest(models, groups, kept, feedsOf(model, feeds))).toBeLessThan(1e-5);
      const after = recognise(plan.model);
      const widths = after.blocks.map(({ feedForwardWidth }) => feedForwardWidth);
      const expected = anatomy.blocks.map(({ stack, index }) => {
        const group = groups.find((g) => g.stack === stack && g.blocks.includes(index));
        return kept.get(group?.name ?? '')?.length;
      });
      expect(widths).toEqual(expected);
    },
  );
});
