import { describe, expect, it } from 'vitest';
import { allMetas } from '../../core/methods/catalog.ts';
import { FAMILY_ORDER } from '../../core/methods/families.ts';
import type { MethodCard } from './method-card.ts';
import { methodGroups } from './method-search.ts';

const cards: readonly MethodCard[] = allMetas().map((meta) => ({
  ...meta,
  fields: [],
  decided: [],
}));

const found = (query: string) => methodGroups(cards, query).flatMap(({ items }) => items);
const titles = (query: string) => found(query).map(({ title }) => title);

describe('methodGroups', () => {
  it('has every method once, in the order of the families', () => {
    const families = methodGroups(cards, '').map(({ family }) => family);
    expect(families).toEqual(FAMILY_ORDER.filter((family) => families.includes(family)));
    expect(found('')).toHaveLength(cards.length);
    expect(new Set(found('')).size).toBe(cards.length);
  });

  it.each(cards)('puts a method first whose title is typed: $title', ({ title }) => {
    expect(titles(title)[0]).toBe(title);
    expect(titles(title.toUpperCase().slice(0, 6))).toContain(title);
  });

  it('finds by family, by what is said of a method, by need and by source', () => {
    expect(new Set(found('quantization').map(({ family }) => family))).toContain('quantization');
    const [first] = found('pruning');
    expect(first.family).toBe('pruning');
    for (const method of found('training')) {
      const said = [method.summary, method.plain, method.needs.join(' '), method.paper?.title];
      expect(said.join(' ').toLowerCase()).toContain('training');
    }
    for (const { paper, title } of cards) {
      if (paper?.arxiv !== undefined) expect(titles(paper.arxiv)).toContain(title);
    }
  });

  it('wants every word, and finds nothing where one is nowhere', () => {
    const rank = found('rank');
    expect(new Set(found('low rank'))).toEqual(
      new Set(found('low').filter((card) => rank.includes(card))),
    );
    expect(methodGroups(cards, 'quantization zzz')).toEqual([]);
  });
});
