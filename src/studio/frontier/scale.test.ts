import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logTicks, qualityScale } from './scale.ts';

const at = (value: number, bar = 0) => ({ value, bar });
const POSITIVE = fc.double({ min: 1e-5, max: 1e3, noNaN: true });

describe('qualityScale', () => {
  it('is linear while the values are of one size, and for shares', () => {
    expect(qualityScale([at(3.5, 0.1), at(4.1, 0.1), at(10)], 'lower').logarithmic).toBe(false);
    expect(qualityScale([at(0.1), at(0.9)], 'higher').logarithmic).toBe(false);
    expect(qualityScale([], 'lower').ticks).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it('is logarithmic where one trial would flatten the others', () => {
    const { logarithmic, ticks, place } = qualityScale(
      [at(3.55, 0.02), at(3.97, 0.04), at(65, 2)],
      'lower',
    );
    expect(logarithmic).toBe(true);
    expect(ticks).toEqual([5, 10, 20, 30, 50]);
    expect(place(60) - place(20)).toBeCloseTo(place(15) - place(5), 12);
  });

  it('draws zero below the least value, with a tick of its own', () => {
    const { logarithmic, ticks, domain, place } = qualityScale(
      [at(0), at(0.0034, 0.003), at(2.9)],
      'lower',
    );
    expect(logarithmic).toBe(true);
    expect(ticks[0]).toBe(0);
    expect(place(0)).toBeLessThan(place(0.0034));
    expect(place(0)).toBeGreaterThan(domain[0]);
  });

  it('has room for every value and bar, in their order, and for its ticks', () => {
    const measured = fc.record({
      value: POSITIVE,
      bar: fc.double({ min: 0, max: 10, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(measured, { minLength: 1 }), fc.boolean(), (points, zero) => {
        const all = zero ? [at(0), ...points] : points;
        const { domain, ticks, place } = qualityScale(all, 'lower');
        const places = [...all].sort((a, b) => a.value - b.value).map(({ value }) => place(value));
        const slack = 1e-9 * (Math.abs(domain[0]) + Math.abs(domain[1]));
        for (const [index, here] of places.entries()) {
          expect(here).toBeGreaterThanOrEqual(domain[0] - slack);
          expect(here).toBeLessThanOrEqual(domain[1] + slack);
          if (index > 0) expect(here).toBeGreaterThanOrEqual(places[index - 1]);
        }
        for (const { value, bar } of all) {
          expect(place(value + bar)).toBeLessThanOrEqual(domain[1] + slack);
        }
        expect(ticks.length).toBeLessThanOrEqual(9);
        expect(ticks.map(place)).toEqual(ticks.map(place).sort((a, b) => a - b));
      }),
    );
  });
});

describe('logTicks', () => {
  it('is dense over little and sparse over much', () => {
    expect(logTicks(0, 0.7, 7)).toEqual([1, 1.5, 2, 3, 4, 5]);
    expect(logTicks(0, 1, 7)).toEqual([1, 2, 3, 5, 10]);
    expect(logTicks(-2, 1, 7)).toEqual([0.01, 0.03, 0.1, 0.3, 1, 3, 10]);
    expect(logTicks(-10, 4, 7)).toEqual([1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1, 1e2, 1e4].slice(0, 8));
  });
});
