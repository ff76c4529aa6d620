import { describe, expect, it } from 'vitest';
import { histogram, valueStatistics } from './statistics.ts';

describe('valueStatistics', () => {
  it('equals a calculation by hand', () => {
    // μ = 2, Σ(x−μ)²/4 = 3.5, Σ(x−μ)⁴/4 = 24.5
    const { count, min, max, mean, std, zeros, kurtosis, nonFinite } = valueStatistics(
      Float32Array.of(0, 1, 2, 5),
    );
    expect({ count, min, max, mean, zeros, nonFinite }).toEqual({
      count: 4,
      min: 0,
      max: 5,
      mean: 2,
      zeros: 1,
      nonFinite: 0,
    });
    expect(std).toBeCloseTo(Math.sqrt(3.5), 14);
    expect(kurtosis).toBeCloseTo(24.5 / 12.25, 14);
  });

  it('leaves non-finite values out and counts them', () => {
    const statistics = valueStatistics(Float32Array.of(NaN, 1, Infinity, 3, -0));
    expect(statistics).toMatchObject({ count: 5, nonFinite: 2, min: -0, max: 3, zeros: 1 });
    expect(valueStatistics(Float32Array.of(NaN))).toMatchObject({ min: 0, max: 0, nonFinite: 1 });
    expect(valueStatistics(new Float32Array())).toMatchObject({ count: 0, mean: 0, std: 0 });
  });

  it('knows the kurtosis of a uniform distribution (9/5)', () => {
    const grid = Float32Array.from({ length: 20001 }, (_, i) => i / 10000 - 1);
    expect(valueStatistics(grid).kurtosis).toBeCloseTo(1.8, 3);
  });
});

describe('histogram', () => {
  it('puts every finite value in one bin, the maximum in the last', () => {
    const { min, max, counts } = histogram(Float32Array.of(0, 0.1, 0.5, 0.99, 1, NaN), 2);
    expect({ min, max, counts: [...counts] }).toEqual({ min: 0, max: 1, counts: [2, 3] });
  });

  it('uses a given range and leaves the rest out', () => {
    const { counts } = histogram(Float32Array.of(-5, -1, 0, 1, 5), 4, [-1, 1]);
    expect([...counts]).toEqual([1, 0, 1, 1]);
  });

  it('handles one value and none', () => {
    expect([...histogram(Float32Array.of(3, 3), 3).counts]).toEqual([2, 0, 0]);
    expect([...histogram(new Float32Array(), 3).counts]).toEqual([0, 0, 0]);
  });
});
