import { expect, it } from 'vitest';
import { collect, COLUMNS, randomRows, ROWS } from '../testing.ts';
import { createRange } from './range.ts';

it('gives the least and the largest number', () => {
  const x = randomRows('x');
  expect(collect(createRange(COLUMNS), x)).toEqual({
    ...{ rows: ROWS, columns: COLUMNS },
    ...{ minimum: Math.min(...x), maximum: Math.max(...x) },
  });
});

it('does not take in zero unless it was there', () => {
  const accumulator = createRange(2);
  accumulator.add(Float32Array.of(3, 5), 1);
  expect(accumulator.finish()).toMatchObject({ minimum: 3, maximum: 5 });
});

it('is finite before any row', () => {
  expect(createRange(2).finish()).toMatchObject({ rows: 0, minimum: 0, maximum: 0 });
});
