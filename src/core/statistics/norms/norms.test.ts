import { expect, it } from 'vitest';
import { createAccumulator } from '../accumulator.ts';
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

it('keeps the bits of the statistics that Wanda was measured with', () => {
  const before = createAccumulator(COLUMNS, { secondMoments: false });
  before.add(x, ROWS);
  expect(collect(createNorms(COLUMNS), x).values).toEqual(before.finish().channelNorms);
});
