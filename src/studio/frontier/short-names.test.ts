import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf, shortNames } from './short-names.ts';

const short = (...names: string[]): string[] => [...shortNames(names).values()];

describe('the end of a name', () => {
  it('is as much as has room, and a word at least', () => {
    const atMost = (letters: number) => (text: string) => text.length <= letters;
    expect(endOf('round-to-nearest 2 bits', atMost(30))).toBe('round-to-nearest 2 bits');
    expect(endOf('round-to-nearest 2 bits', atMost(10))).toBe('… 2 bits');
    expect(endOf('… 2 bits tensor', atMost(14))).toBe('… bits tensor');
    expect(endOf('tiny', atMost(2))).toBe('tiny');
    expect(endOf('two words', atMost(2))).toBe('… words');
  });
});

describe('short names', () => {
  it('keep what tells names that begin alike apart', () => {
    const start = 'deduplicate → round-to-nearest';
    expect(short(`${start} 4 bits channel`, `${start} 3 bits channel`, 'tiny')).toEqual([
      ...['… 4 bits channel', '… 3 bits channel', 'tiny'],
    ]);
  });

  it('are cut at the end where they have nothing in common, and stay as they are where they fit', () => {
    const [alone] = short('a recipe whose name nobody could ever read in a chart');
    expect(alone).toBe('a recipe whose name nobody coul…');
    expect(short('prune 10 %', 'prune 20 %')).toEqual(['prune 10 %', 'prune 20 %']);
  });

  it('differ where the names differ in a word, and are never long', () => {
    const word = fc.constantFrom('prune', 'round', '→', '2', '3', '4', 'bits', 'channel');
    const names = fc.uniqueArray(
      fc.array(word, { minLength: 4, maxLength: 4 }).map((parts) => parts.join(' ')),
      { minLength: 2, maxLength: 6 },
    );
    fc.assert(
      fc.property(names, (ends) => {
        const all = ends.map((end) => `deduplicate → round-to-nearest → ${end}`);
        const cut = short(...all);
        expect(cut.every(({ length }) => length <= 32)).toBe(true);
        expect(new Set(cut).size).toBe(all.length);
      }),
    );
  });
});
