import { expect, it } from 'vitest';
import { accuracy } from './accuracy.ts';
import { clusteredShare } from './clustered-share.ts';
import { metricSchema } from './schema.ts';

it('is the share of positions, its error that of examples', () => {
  const { value, standardError, n } = clusteredShare([1, 1, 0, 0, 1, 1], [2, 2, 2]);
  expect(value).toBeCloseTo(4 / 6, 12);
  expect(n).toBe(6);
  // Influences (2 − 4/3)/6, (0 − 4/3)/6, (2 − 4/3)/6; C/(C − 1) = 3/2.
  expect(standardError).toBeCloseTo(Math.sqrt(1.5 * (2 * (2 / 18) ** 2 + (4 / 18) ** 2)), 12);
});

it('is never certain after a few examples', () => {
  const { value, standardError } = clusteredShare([1, 1, 1, 1], [2, 2]);
  expect(value).toBe(1);
  expect(standardError).toBe(accuracy([1, 1]).standardError);
  expect(clusteredShare([0, 0], [1, 1]).standardError).toBe(accuracy([0, 0]).standardError);
});

it('comes back from JSON without an error, where there was none', () => {
  const one = { value: 0.5, standardError: Infinity, n: 1 };
  expect(metricSchema.parse(JSON.parse(JSON.stringify(one)))).toEqual(one);
  expect(metricSchema.parse({ value: 0.5, n: 1 })).toEqual(one);
  expect(metricSchema.safeParse({ value: null, standardError: 1, n: 1 }).success).toBe(false);
});
