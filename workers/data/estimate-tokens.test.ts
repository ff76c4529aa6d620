import { expect, it } from 'vitest';
import { COUNTED, estimateTokens } from './estimate-tokens.ts';

/** A token for every four characters that were begun. */
const count = (text: string): number => Math.ceil(text.length / 4);

it('counts every token of short documents', () => {
  expect(estimateTokens(['abcde', '', 'abcd'], count)).toEqual({ tokens: 3, exact: true });
  expect(estimateTokens([], count)).toEqual({ tokens: 0, exact: true });
});

it('tells from the beginning how many there are in more text than is read', () => {
  const asked: number[] = [];
  const noting = (text: string): number => {
    asked.push(text.length);
    return count(text);
  };
  const documents = Array.from({ length: 100 }, () => 'x'.repeat(10_000));
  expect(estimateTokens(documents, noting)).toEqual({ tokens: 250_000, exact: false });
  expect(asked.reduce((sum, length) => sum + length, 0)).toBe(COUNTED);
});

it('never gives a tokenizer a whole book at once', () => {
  const asked: number[] = [];
  const found = estimateTokens(['x'.repeat(100_000)], (text) => {
    asked.push(text.length);
    return count(text);
  });
  expect(found).toEqual({ tokens: 25_000, exact: false });
  expect(Math.max(...asked)).toBe(20_000);
});
