import { expect, it } from 'vitest';
import { collect, column, COLUMNS, dot, randomRows, ROWS } from '../testing.ts';
import { createMoments } from './moments.ts';

const x = randomRows('x');

it('gives XᵀX within float32 rounding, exactly symmetric', () => {
  const { values, rows, columns } = collect(createMoments(COLUMNS), x);
  expect([rows, columns]).toEqual([ROWS, COLUMNS]);
  for (let i = 0; i < COLUMNS; i++) {
    for (let j = 0; j < COLUMNS; j++) {
      const wanted = dot(column(x, i), column(x, j));
      const size = dot(column(x, i).map(Math.abs), column(x, j).map(Math.abs));
      // The kernel's bound: sums over runs of at most 256 rows.
      expect(Math.abs(values[i * COLUMNS + j] - wanted)).toBeLessThan(259 * 2 ** -24 * size);
      expect(values[i * COLUMNS + j]).toBe(values[j * COLUMNS + i]);
    }
  }
});
