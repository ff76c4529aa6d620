import { expect, it } from 'vitest';
import { collectPair, COLUMNS, dot, randomRows, ROWS } from '../testing.ts';
import { createCosineWith } from './cosine-with.ts';

const [x, y] = [randomRows('x'), randomRows('y')];

it('gives the mean cosine between rows', () => {
  const row = (of: Float32Array, r: number) => [...of.subarray(r * COLUMNS, (r + 1) * COLUMNS)];
  let sum = 0;
  for (let r = 0; r < ROWS; r++) {
    const [a, b] = [row(x, r), row(y, r)];
    sum += dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }
  const { mean, rows } = collectPair(
    createCosineWith(COLUMNS, COLUMNS),
    [x, COLUMNS],
    [y, COLUMNS],
  );
  expect(rows).toBe(ROWS);
  // Float64 sums of 701 numbers of at most 1.
  expect(Math.abs(mean - sum / ROWS)).toBeLessThan(ROWS * 2 ** -52);
});

it('is 1 with itself, −1 with its opposite, and leaves out rows without a direction', () => {
  const of = (a: number[], b: number[]) =>
    collectPair(
      createCosineWith(2, 2),
      [Float32Array.from(a), 2],
      [Float32Array.from(b), 2],
      [a.length / 2],
    );
  expect(of([3, 4, 1, 0], [6, 8, 2, 0])).toMatchObject({ rows: 2, mean: 1 });
  expect(of([3, 4], [-3, -4]).mean).toBe(-1);
  expect(of([1, 0, 0, 0, 5, 5], [0, 2, 1, 1, 0, 0])).toMatchObject({ rows: 1, mean: 0 });
  expect(of([0, 0], [1, 1])).toMatchObject({ rows: 0, mean: 1 });
});

it('refuses values of different widths', () => {
  expect(() => createCosineWith(64, 32)).toThrow(
    'Rows of 64 and of 32 columns have no angle between them; look at two values of the same width.',
  );
});
