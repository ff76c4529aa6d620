import { expect, it } from 'vitest';
import { accumulateSecondMoments } from '../../kernels/syrk.ts';
import { gaussian } from '../../kernels/testing.ts';
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

it('adds runs of 128 rows one after the other, however the rows came', () => {
  const [rows, columns] = [2500, 36];
  const many = gaussian(rows * columns, 3);
  const wanted = new Float32Array(columns ** 2);
  for (let r = 0; r < rows; r += 128) {
    const run = many.subarray(r * columns, (r + 128) * columns);
    accumulateSecondMoments(wanted, run, run.length / columns, columns);
  }
  const moments = createMoments(columns);
  for (let r = 0; r < rows; r += 77) {
    const batch = many.subarray(r * columns, (r + 77) * columns);
    moments.add(batch, batch.length / columns);
  }
  expect(moments.finish().values).toEqual(wanted);
});
