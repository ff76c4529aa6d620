import { describe, expect, it } from 'vitest';
import { cachedDecoder } from '../../../test/fixtures/cached-decoder.ts';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { cachedFeeds } from '../../../test/support/cached-feeds.ts';
import { farthestFrom, unpooled } from '../../../test/support/cuts.ts';
import { feedsOf } from '../../../test/support/layout-feeds.ts';
import { recognise } from '../anatomy/recognise.ts';
import { fillHoles } from '../onnx/fill.ts';
import type { Model } from '../onnx/types.ts';
import { findKeyValueHeads, type KeyValueGroup } from './key-value-heads.ts';
import { planCut } from './plan.ts';
import { poolPieces } from './pool.ts';

/** Each attention with one head of keys and values. */
async function pooledToOne(model: Model, groups: readonly KeyValueGroup[]) {
  const plan = planCut(
    model,
    groups.map((group) => ({ group, keep: 1 })),
  );
  const poolings = new Map(
    groups.map((group) => [group.name, { group, times: group.members, mixing: () => undefined }]),
  );
  const fillings = await poolPieces(model, plan.pieces, poolings);
  return { plan, fillings, cut: fillHoles(plan.model, fillings) };
}

const CANNOT: Readonly<Record<string, RegExp>> = {
  'gpt2 fused':
    /^The keys and values in front of "[^"]+" stay as they are: the Attention that makes "[^"]+" holds the keys of all heads in one weight\.$/,
  'bert fused, Attention': /holds the keys of all heads in one weight\.$/,
  'vit packed': /: queries, keys and values lie on one axis with as many heads each\.$/,
};

describe('an attention whose queries share keys and values', () => {
  it.each(layoutFixtures)('$name is what repeating the pooled weights gives', async (fixture) => {
    const model = fixture.model();
    const anatomy = recognise(model);
    const { groups, skipped } = findKeyValueHeads(model, anatomy);
    const reason = CANNOT[fixture.name];
    if (reason !== undefined) {
      expect(groups).toEqual([]);
      for (const one of skipped) expect(one.reason).toMatch(reason);
      return;
    }
    expect(skipped).toEqual([]);
    const { plan, fillings, cut } = await pooledToOne(model, groups);
    expect(plan.failed).toEqual([]);
    const whole = unpooled(model, plan.pieces, fillings);
    const feeds = feedsOf(model, fixture.feeds);
    expect(await farthestFrom(cut, whole, groups, feeds)).toBeLessThan(1e-5);
    const after = recognise(plan.model).blocks;
    expect(after.map(({ heads, headSize }) => [heads, headSize])).toEqual(
      anatomy.blocks.map(({ heads, headSize }) => [heads, headSize]),
    );
    expect(after.map(({ keyValueHeads }) => keyValueHeads)).toEqual(after.map(() => 1));
  });

  it.each(['pairs', 'fused', 'buffer', 'window', 'grouped', 'half'] as const)(
    'keeps one head of each in the cache "%s"',
    async (cache) => {
      const model = cachedDecoder({ cache });
      const { groups, skipped } = findKeyValueHeads(model, recognise(model));
      expect(skipped).toEqual([]);
      const { plan, fillings, cut } = await pooledToOne(model, groups);
      expect(plan.failed).toEqual([]);
      const whole = unpooled(model, plan.pieces, fillings);
      expect(await farthestFrom(cut, whole, groups, cachedFeeds(model))).toBeLessThan(1e-5);
    },
  );
});
