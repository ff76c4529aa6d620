import { expect, it } from 'vitest';
import { projection } from '../../../../../test/fixtures/methods/columns.ts';
import { activations } from '../../../../../test/fixtures/methods/statistics.ts';
import { createTake } from '../../../statistics/create-take.ts';
import { inputOf, lookKey } from '../../../statistics/look.ts';
import { seenIn } from '../../../statistics/seen.ts';
import { seenTogether } from './together.ts';

const COLUMNS = 6;
const first = projection(4, COLUMNS);
const second = { ...first, name: 'again', input: 'x2', output: 'y2' };
const silent = { ...first, name: 'silent', input: 'x3', output: 'y3' };
const TAKES = ['moments', 'norms', 'mean'] as const;

/** Everything of some rows. */
function taken(take: (typeof TAKES)[number], ...parts: Float32Array[]): unknown {
  const accumulator = createTake(take, COLUMNS);
  for (const part of parts) accumulator.add(part, part.length / COLUMNS);
  return accumulator.finish();
}

it.each(TAKES)('%s of two layers are those of all their rows', (take) => {
  const x = activations(40, COLUMNS, 3);
  const y = activations(25, COLUMNS, 9).map((value) => value + 2);
  const seen = seenIn(
    new Map([
      [lookKey(inputOf(first), take), taken(take, x)],
      [lookKey(inputOf(second), take), taken(take, y)],
    ]),
  );
  const both = seenTogether([first, second, silent], [take], seen).at(inputOf(first), take);
  const wanted = taken(take, x, y) as Record<string, Float32Array>;
  expect(both?.rows).toBe(65);
  for (const [name, values] of Object.entries(wanted)) {
    if (typeof values === 'number') continue;
    const own = (both as unknown as Record<string, Float32Array>)[name];
    const size = Math.max(...values.map(Math.abs));
    values.forEach((value, i) => {
      expect(Math.abs(own[i] - value)).toBeLessThan(65 * 2 ** -24 * size);
    });
  }
});

it('gradients add up, and one layer sees what it saw', () => {
  const sums = (start: number) => ({
    ...{ columns: 2, count: start },
    taylor: Float64Array.of(start, 1),
    fisher: Float64Array.of(start, 2),
    squares: Float64Array.of(start, 3),
  });
  const seen = seenIn(
    new Map([
      [lookKey(inputOf(first), 'gradient'), sums(5)],
      [lookKey(inputOf(second), 'gradient'), sums(7)],
    ]),
  );
  const both = seenTogether([first, second], ['gradient'], seen);
  expect(both.at(inputOf(first), 'gradient')).toEqual({
    ...{ columns: 2, count: 12 },
    taylor: Float64Array.of(12, 2),
    fisher: Float64Array.of(12, 4),
    squares: Float64Array.of(12, 6),
  });
  expect(seenTogether([first], ['gradient'], seen)).toBe(seen);
});
