import { expect, it } from 'vitest';
import { markdown } from './markdown.ts';
import type { Line } from './types.ts';

const line: Line = { number: 5, claim: 'One costs less', checks: async function* () {} };

it('marks what does not hold, counts, and keeps a table a table', () => {
  const page = markdown(
    { name: 'pruning', title: 'Pruning', lines: [line] },
    [
      {
        line,
        minutes: 1.25,
        recipes: ['prose: [{"method":"blocks"}]'],
        checks: [
          { what: 'a|b', found: '1 < 2', holds: true },
          { what: 'c', found: 'there is no method\n"x"', holds: false },
        ],
      },
    ],
    { commit: 'abc', date: '2026-01-01', machine: 'two threads' },
  );
  expect(page).toContain('1 of 2 checks hold.');
  expect(page).toContain('| a\\|b | 1 < 2 | yes |');
  expect(page).toContain('| c | there is no method "x" | **no** |');
  expect(page).toContain('prose: [{"method":"blocks"}]');
});
