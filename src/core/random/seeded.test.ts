import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from './seeded.ts';

const take = (seed: number, label: string, n: number): number[] => {
  const random = seededRandom(seed, label);
  return Array.from({ length: n }, () => random.next());
};

describe('seededRandom', () => {
  it('gives the same stream for the same seed and label, another for another', () => {
    expect(take(7, 'a', 5)).toEqual(take(7, 'a', 5));
    expect(take(7, 'a', 5)).not.toEqual(take(8, 'a', 5));
    expect(take(7, 'a', 5)).not.toEqual(take(7, 'b', 5));
  });

  it('is uniform: mean 1/2 and variance 1/12 within four standard errors', () => {
    const n = 100_000;
    const values = take(1, 'uniform', n);
    const mean = values.reduce((s, v) => s + v, 0) / n;
    const variance = values.reduce((s, v) => s + (v - mean) ** 2, 0) / n;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / n));
  });
});

describe('normal', () => {
  it('has mean 0 and variance 1 within four standard errors', () => {
    const n = 100_000;
    const random = seededRandom(2, 'normal');
    const values = Array.from({ length: n }, () => normal(random));
    const mean = values.reduce((s, v) => s + v, 0) / n;
    const variance = values.reduce((s, v) => s + v * v, 0) / n;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  });
});
