import { expect, it } from 'vitest';
import { collect, column, COLUMNS, dot, randomRows, ROWS } from '../testing.ts';
import { createNorms } from './norms.ts';

const x = randomRows('x');

it('gives the norm of each column, rounded once', () => {
  const { values, rows } = collect(createNorms(COLUMNS), x);
  expect(rows).toBe(ROWS);
  values.forEach((norm, j) => {
    expect(norm).toBe(Math.fround(Math.sqrt(dot(column(x, j), column(x, j)))));
  });
});
