import { expect, it } from 'vitest';
import type { Preview } from '../../../../../workers/protocol.ts';
import { errorExtent, errorsOf, valueExtent } from './extents.ts';

function preview(histogram: number[]): Preview {
  const before = { histogram: Float64Array.from(histogram) };
  return { before, minimum: -5, maximum: 5 } as unknown as Preview;
}

it('one outlier does not decide the scale, many do', () => {
  expect(valueExtent(preview([1, 0, 0, 0, 500, 500, 0, 0, 0, 0]))).toBe(1);
  expect(valueExtent(preview([20, 0, 0, 0, 500, 500, 0, 0, 0, 0]))).toBe(5);
  expect(valueExtent(preview(new Array<number>(10).fill(0)))).toBe(1);
});

it('errors are after less before, on a scale of their own', () => {
  const errors = errorsOf(Float32Array.of(1, -0.5), Float32Array.of(1.25, -1));
  expect([...errors]).toEqual([0.25, -0.5]);
  expect(errorExtent('fixed', 2, errors)).toBe(0.5);
  expect(errorExtent('fitted', 2, Float32Array.of(0.001, -0.001))).toBeCloseTo(0.001, 9);
});
