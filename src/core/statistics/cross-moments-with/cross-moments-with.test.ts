import { expect, it } from 'vitest';
import { collectPair, column, COLUMNS, dot, randomRows, ROWS } from '../testing.ts';
import { createCrossMomentsWith } from './cross-moments-with.ts';

const OTHER = 5;
const [x, y] = [randomRows('x'), randomRows('y', ROWS, OTHER)];

it('gives YᵀX within float32 rounding', () => {
  const found = collectPair(createCrossMomentsWith(COLUMNS, OTHER), [x, COLUMNS], [y, OTHER]);
  expect(found).toMatchObject({ rows: ROWS, columns: COLUMNS, otherColumns: OTHER });
  for (let i = 0; i < OTHER; i++) {
    for (let j = 0; j < COLUMNS; j++) {
      const [a, b] = [column(y, i, OTHER), column(x, j)];
      const size = dot(a.map(Math.abs), b.map(Math.abs));
      const error = Math.abs(found.values[i * COLUMNS + j] - dot(a, b));
      // The kernel's bound: sums over runs of at most 256 rows.
      expect(error).toBeLessThan(259 * 2 ** -24 * size);
    }
  }
});
