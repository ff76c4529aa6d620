import { expect, it } from 'vitest';
import { collect, column, COLUMNS, randomRows, ROWS } from '../testing.ts';
import { createMean } from './mean.ts';

const average = (numbers: readonly number[]) =>
  numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

it('gives mean and variance of each column', () => {
  const x = randomRows('x');
  const { values, variances, rows } = collect(createMean(COLUMNS), x);
  expect(rows).toBe(ROWS);
  for (let j = 0; j < COLUMNS; j++) {
    const mean = average(column(x, j));
    const variance = average(column(x, j).map((value) => (value - mean) ** 2));
    // Float64 on both sides, then one rounding to float32 each.
    expect(Math.abs(values[j] - mean)).toBeLessThanOrEqual(2 ** -24 * Math.abs(mean) + 2 ** -40);
    expect(Math.abs(variances[j] - variance)).toBeLessThanOrEqual(2 ** -23 * variance);
  }
});

it('keeps the digits of a small variance beside a large mean', () => {
  const accumulator = createMean(1);
  accumulator.add(Float32Array.of(1000, 1001, 1002, 1003), 4);
  const { values, variances } = accumulator.finish();
  expect([values[0], variances[0]]).toEqual([1001.5, 1.25]);
});
