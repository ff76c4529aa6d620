import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paretoFrontier, type Candidate } from './pareto.ts';

const point = (bytes: number, value: number, name = '') => ({ bytes, value, name });

const dominates = (a: Candidate, b: Candidate, sign: number) =>
  a.bytes <= b.bytes &&
  sign * a.value <= sign * b.value &&
  (a.bytes < b.bytes || sign * a.value < sign * b.value);

describe('paretoFrontier', () => {
  it('keeps what nothing beats, by ascending size', () => {
    const points = [point(8, 1), point(2, 5), point(4, 3), point(4, 2), point(6, 2), point(3, 6)];
    expect(paretoFrontier(points, 'lower')).toEqual([point(2, 5), point(4, 2), point(8, 1)]);
    expect(paretoFrontier(points, 'higher')).toEqual([point(2, 5), point(3, 6)]);
  });

  it('keeps the first of equal points, and nothing that is no number', () => {
    const points = [point(1, 1, 'a'), point(1, 1, 'b'), point(NaN, 0), point(0, NaN)];
    expect(paretoFrontier(points, 'lower').map(({ name }) => name)).toEqual(['a']);
    expect(paretoFrontier([], 'lower')).toEqual([]);
  });

  it('is exactly the set of points that no other one dominates', () => {
    const points = fc.array(
      fc.record({ bytes: fc.nat(9), value: fc.integer({ min: -5, max: 5 }) }),
    );
    fc.assert(
      fc.property(points, fc.constantFrom('lower' as const, 'higher' as const), (all, better) => {
        const sign = better === 'lower' ? 1 : -1;
        const key = ({ bytes, value }: Candidate) => `${bytes} ${value}`;
        const best = all.filter((p) => !all.some((other) => dominates(other, p, sign)));
        const frontier = paretoFrontier(all, better).map(key);
        expect(new Set(frontier)).toEqual(new Set(best.map(key)));
        expect(new Set(frontier).size).toBe(frontier.length);
      }),
    );
  });
});
