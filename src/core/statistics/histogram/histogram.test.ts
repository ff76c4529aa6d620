import { expect, it } from 'vitest';
import { collect, COLUMNS, PIECES, randomRows, ROWS } from '../testing.ts';
import { createHistogram, type Histogram } from './histogram.ts';

const x = randomRows('x');

/** Counts in one pass over all numbers with the limit known: the definition. */
function counted(numbers: Float32Array, limit: number, bins: number): Float64Array {
  const counts = new Float64Array(bins);
  const width = (2 * limit) / bins;
  for (const value of numbers) counts[Math.floor((value + limit) / width)]++;
  return counts;
}

it('counts every number in its bin', () => {
  const { counts, limit, rows } = collect(createHistogram(COLUMNS), x);
  const top = Math.max(...x.map(Math.abs));
  expect([rows, limit]).toEqual([ROWS, 2 ** Math.ceil(Math.log2(top))]);
  expect(counts).toEqual(counted(x, limit, 2048));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(x.length);
});

it('does not depend on the order in which the range grew', () => {
  const growing = x.map((value, i) => value * 2 ** (Math.floor(i / 1000) - 4));
  const found = collect(createHistogram(COLUMNS), growing, PIECES);
  const turned = growing.slice().reverse();
  expect(collect(createHistogram(COLUMNS), turned, PIECES)).toEqual(found);
  expect(found.counts).toEqual(counted(growing, found.limit, 2048));
});

it('takes zeros, numbers on an edge and the smallest numbers', () => {
  const of = (...numbers: number[]): Histogram => {
    const accumulator = createHistogram(numbers.length);
    accumulator.add(Float32Array.from(numbers), 1);
    return accumulator.finish();
  };
  expect(of(0, 0).limit).toBe(0);
  expect(of(0, 0).counts[1024]).toBe(2);
  expect(of(1).limit).toBe(2);
  expect(of(1, -1).counts.indexOf(1)).toBe(512);
  expect(of(2 ** -149).limit).toBe(2 ** -148);
  expect(of(-3.4e38).limit).toBe(2 ** 128);
});
