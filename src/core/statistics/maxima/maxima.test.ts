import { expect, it } from 'vitest';
import { collect, column, COLUMNS, randomRows, ROWS } from '../testing.ts';
import { createMaxima } from './maxima.ts';

it('gives the largest magnitude of each column', () => {
  const x = randomRows('x');
  const { values, rows, columns } = collect(createMaxima(COLUMNS), x);
  expect([rows, columns]).toEqual([ROWS, COLUMNS]);
  values.forEach((top, j) => expect(top).toBe(Math.max(...column(x, j).map(Math.abs))));
});
