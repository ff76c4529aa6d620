import { describe, expect, it } from 'vitest';
import { cachedDecoder, type CacheDialect } from '../../../test/fixtures/cached-decoder.ts';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { cutAndMasked, farthest, withoutOne } from '../../../test/support/cuts.ts';
import { cachedFeeds } from '../../../test/support/cached-feeds.ts';
import { feedsOf } from '../../../test/support/layout-feeds.ts';
import { recognise } from '../anatomy/recognise.ts';
import { findHeads, type HeadUnit } from './heads.ts';

/** Without grouped queries both units are the same. */
const cases = layoutFixtures.flatMap((fixture) => {
  const grouped = fixture.expected.stacks.some(
    ({ heads, keyValueHeads }) => heads !== keyValueHeads,
  );
  const units: HeadUnit[] = grouped ? ['heads', 'kv-groups'] : ['heads'];
  return units.map((unit) => ({ ...fixture, unit }));
});

describe('a model with fewer attention heads', () => {
  it.each(cases)('$name without one of its $unit', async ({ model: build, feeds, unit }) => {
    const model = build();
    const anatomy = recognise(model);
    const { groups, skipped } = findHeads(model, anatomy, unit);
    expect(skipped).toEqual([]);
    const kept = withoutOne(groups);
    const models = await cutAndMasked(model, groups, kept);
    const { plan } = models;
    expect(plan.failed).toEqual([]);
    expect(await farthest(models, groups, kept, feedsOf(model, feeds))).toBeLessThan(1e-5);
    expect(sizes(recognise(plan.model))).toEqual(
      sizes(anatomy).map((before) => less(before, unit)),
    );
  });
});

type Sizes = readonly [heads: number, keyValueHeads: number, headSize: number];

function sizes({ blocks }: ReturnType<typeof recognise>): Sizes[] {
  return blocks.map(({ heads = 0, keyValueHeads = 0, headSize = 0 }) => [
    heads,
    keyValueHeads,
    headSize,
  ]);
}

function less([heads, groups, size]: Sizes, unit: HeadUnit): Sizes {
  const each = heads / groups;
  if (unit === 'kv-groups' || each === 1) return [heads - each, groups - 1, size];
  return [heads - groups, groups, size];
}

const dialects: readonly CacheDialect[] = [
  'pairs',
  'fused',
  'single',
  'half',
  'unknown',
  'buffer',
  'window',
  'grouped',
  'grouped-told',
  'grouped-buffer',
];

describe('a decoder with a cache and fewer heads', () => {
  it.each(dialects)('keeps the cache "%s" of the heads that stay', async (cache) => {
    const model = cachedDecoder({ cache });
    const { groups, skipped } = findHeads(model, recognise(model), 'heads');
    expect(skipped).toEqual([]);
    const kept = withoutOne(groups);
    const models = await cutAndMasked(model, groups, kept);
    expect(models.plan.failed).toEqual([]);
    expect(await farthest(models, groups, kept, cachedFeeds(model))).toBeLessThan(1e-5);
    const cutInputs = models.cut.graph.inputs.filter(({ name }) => name.startsWith('past'));
    const heads = cutInputs.map(({ type }) => type?.dims?.at(-3)?.value);
    expect(new Set(heads)).toEqual(new Set([1]));
  });
});
