import { expect, it } from 'vitest';
import { MOST_SHOWN, shownTokens } from './shown-tokens.ts';

const dropped = ['▁Cat', '▁dog', 'cat', '7'].map((text, id) => ({
  id: id + 7,
  text,
  count: 4 - id,
}));

it('finds tokens by their text or their id, in the order they have', () => {
  expect(shownTokens(dropped, ' CAT ').tokens.map(({ id }) => id)).toEqual([7, 9]);
  expect(shownTokens(dropped, '7').tokens.map(({ id }) => id)).toEqual([7, 10]);
  expect(shownTokens(dropped, 'fish')).toEqual({ tokens: [], more: 0 });
});

it('shows the first of many, and says how many more there are', () => {
  const many = Array.from({ length: 1000 }, (_, id) => ({ id, text: 'x' }));
  const { tokens, more } = shownTokens(many, '');
  expect([tokens.length, more, tokens[0].id]).toEqual([MOST_SHOWN, 800, 0]);
});
