import { expect, it } from 'vitest';
import { createColumnRange } from './column-range.ts';

it('takes the least and the largest number of each column, however rows are cut', () => {
  const x = Float32Array.of(1, -2, 3, 4, -5, 0.5);
  const [whole, pieces] = [createColumnRange(2), createColumnRange(2)];
  whole.add(x, 3);
  pieces.add(x.slice(0, 2), 1);
  pieces.add(x.slice(2), 2);
  const found = whole.finish();
  expect(found).toEqual({
    ...{ rows: 3, columns: 2 },
    minima: Float32Array.of(-5, -2),
    maxima: Float32Array.of(3, 4),
  });
  expect(pieces.finish()).toEqual(found);
});

it('is zero before any row', () => {
  const { minima, maxima } = createColumnRange(2).finish();
  expect([minima, maxima]).toEqual([new Float32Array(2), new Float32Array(2)]);
});
