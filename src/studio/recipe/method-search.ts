import { FAMILIES, FAMILY_ORDER, type Family } from '../../core/methods/families.ts';
import type { MethodCard } from './method-card.ts';

/** A family of the menu with those of its methods that are shown. */
export type MethodGroup = {
  readonly family: Family;
  readonly items: readonly MethodCard[];
};

/**
 * The methods by family; with a query only those in which all its words are found, best first: words of the
 * title count more than those of the family, and these more than anything else a method says about itself.
 */
export function methodGroups(cards: readonly MethodCard[], query: string): MethodGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = cards
    .map((card) => ({ card, distance: distanceOf(card, words) }))
    .filter(({ distance }) => distance < Infinity)
    .sort((a, b) => a.distance - b.distance);
  // Without a query all are equally near: the families keep their order.
  const families = words.length === 0 ? FAMILY_ORDER : found.map(({ card }) => card.family);
  return [...new Set(families)].flatMap((family) => {
    const items = found.map(({ card }) => card).filter((card) => card.family === family);
    return items.length === 0 ? [] : [{ family, items }];
  });
}

/** How far the words are from a method: the sum over the words, infinite when one is nowhere. */
function distanceOf(card: MethodCard, words: readonly string[]): number {
  const places = textsOf(card);
  return words.reduce((sum, word) => {
    const place = places.findIndex((text) => text.includes(word));
    if (place < 0) return Infinity;
    const [title] = places;
    return sum + place + (place === 0 && !title.startsWith(word) ? 0.5 : 0);
  }, 0);
}

/** What a method is found by, the nearest first. */
function textsOf({ id, title, family, summary, plain, needs, paper }: MethodCard): string[] {
  return [
    `${title} ${id}`,
    FAMILIES[family],
    `${summary} ${plain} ${needs.join(' ')}`,
    paper === undefined ? '' : `${paper.authors} ${paper.year} ${paper.title} ${paper.arxiv}`,
  ].map((text) => text.toLowerCase());
}
