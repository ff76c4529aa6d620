import { expect, it } from 'vitest';
import { rankCorrelation } from './rank-correlation.ts';

it('is 1 for one order, −1 for its reverse, and by the formula in between', () => {
  expect(rankCorrelation([1, 2, 30], [0.1, 5, 6])).toBeCloseTo(1, 12);
  expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
  // 1 − 6·Σd²/(n·(n² − 1)), d = (0, 1, −1, 0)
  expect(rankCorrelation([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(1 - 12 / 60, 12);
});

it('gives equals the mean of their ranks, and 0 where there is no order', () => {
  expect(rankCorrelation([1, 1, 2], [1, 2, 3])).toBeCloseTo(Math.sqrt(3) / 2, 12);
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBe(0);
});
