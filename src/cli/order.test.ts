import { expect, it } from 'vitest';
import { sentenceOf } from './commands/order.ts';

it.each([
  [{ first: 'a', together: 'more' }, 'A first; together they lose more than the sum of both alone'],
  [
    { first: 'either', together: 'sum' },
    'either way round, the difference is within two standard errors; together they lose the sum of both alone, within two standard errors',
  ],
  [
    { together: 'less' },
    'only one way round can be run; together they lose less than the sum of both alone',
  ],
] as const)('the verdict of %j', (finding, sentence) => {
  expect(sentenceOf({ measure: 'kl', ...finding })).toBe(sentence);
});
