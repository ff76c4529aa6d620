import { describe, expect, it } from 'vitest';
import type { Coded } from '../../src/core/encodings/index.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { gridHistogram } from './grid-histogram.ts';

/** Two rows of three weights in 2 bits: codes 0…3 with zero at 2, each row with its own scale. */
function rows(scales: readonly number[], codes: readonly number[]): Coded {
  return {
    kind: 'coded',
    bits: 2,
    grid: 'integer',
    granularity: 'channel',
    groupSize: 3,
    scales: { dataType: DataType.float32, values: Float32Array.from(scales) },
    codes: Uint8Array.from(codes),
  };
}

const SHAPE = { rows: 2, columns: 3 };

describe('a histogram of codes', () => {
  it('is by code where every scale is positive', () => {
    const coded = rows([1, 0.5], [0, 2, 3, 0, 2, 3]);
    const before = Float32Array.of(-2, 0, 1, -1, 0, 0.5);
    const drawn = gridHistogram(coded, SHAPE, before, 10);
    expect(drawn).toMatchObject({ from: -1, to: 4, turned: false, weights: 6 });
    expect([...(drawn?.at ?? [])]).toEqual([0, 1, 2, 3]);
    expect([...(drawn?.counts ?? [])]).toEqual([2, 0, 2, 2]);
  });

  it('is by value where a scale is negative: small weights are left in every row', () => {
    const coded = rows([1, -0.5], [0, 2, 3, 0, 2, 3]);
    const before = Float32Array.of(-2, 0, 1, 1, 0, -0.5);
    const drawn = gridHistogram(coded, SHAPE, before, 12);
    expect(drawn).toMatchObject({ from: -3, to: 3, turned: true, integer: true });
    expect([...(drawn?.at ?? [])]).toEqual([-2, -1, 0, 1, 2]);
    // Code 0 is the smallest value of the first row and the largest of the second.
    expect([...(drawn?.counts ?? [])]).toEqual([1, 1, 2, 1, 1]);
    const places = [-2, -1, 0, 1, 2].map((step) => (drawn?.before ?? [])[2 * (step + 3)]);
    expect(places).toEqual([1, 1, 2, 1, 1]);
  });

  it('has the places of one way where all scales are negative', () => {
    const drawn = gridHistogram(rows([-1, -1], [0, 1, 2, 3, 3, 3]), SHAPE, new Float32Array(6), 12);
    expect([...(drawn?.at ?? [])]).toEqual([-1, 0, 1, 2]);
    expect([...(drawn?.counts ?? [])]).toEqual([3, 1, 1, 1]);
  });
});
