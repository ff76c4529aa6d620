import { expect, it } from 'vitest';
import { inWords } from './decided-words.ts';

it.each([
  [{ a: 4, b: 3, c: 4 }, '2 × 4, 1 × 3'],
  [
    [
      { method: 'x', bits: 4, layers: ['a', 'b', 'c'] },
      { method: 'x', bits: 2, layers: ['d'] },
    ],
    '3 × x 4, 1 × x 2',
  ],
  [{ a: [-1, 2], b: [-3, 4] }, '2'],
  [[0, 5], '1 × 0, 1 × 5'],
  ['short', 'short'],
  [7, '7'],
])('what was decided, in one line: %j', (decided, words) => {
  expect(inWords(decided)).toBe(words);
});
