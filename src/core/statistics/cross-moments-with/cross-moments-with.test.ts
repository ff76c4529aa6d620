import { expect, it } from 'vitest';
import { createMoments } from '../moments/moments.ts';
import { collect, collectPair, column, COLUMNS, dot, randomRows, ROWS, WHOLE } from '../testing.ts';
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

it('gives YᵀY as moments of the other alone would', () => {
  const found = collectPair(createCrossMomentsWith(COLUMNS, OTHER), [x, COLUMNS], [y, OTHER]);
  const alone = collect(createMoments(OTHER), y, WHOLE, OTHER);
  found.others.forEach((value, at) => {
    const own = column(y, at % OTHER, OTHER);
    const size = dot(own.map(Math.abs), column(y, Math.floor(at / OTHER), OTHER).map(Math.abs));
    expect(Math.abs(value - alone.values[at])).toBeLessThan(2 * 259 * 2 ** -24 * size);
  });
});
