import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '../random/seeded.ts';
import { neighbourMetrics, ranks } from './neighbours.ts';

const COUNT = 30;
const WIDTH = 4;

function vectors(seed: number): Float64Array {
  const random = seededRandom(seed, 'vectors');
  return Float64Array.from({ length: COUNT * WIDTH }, () => normal(random));
}

describe('neighbours of embeddings', () => {
  it('share the mean rank where similarities are equal', () => {
    expect([...ranks(Float64Array.of(5, 9, 5, 1))]).toEqual([1.5, 0, 1.5, 3]);
  });

  it('do not change when all vectors are turned and stretched alike', () => {
    const wanted = vectors(1);
    // (a, b, c, d) → 3·(b, −a, d, c): lengths and angles stay in proportion.
    const found = wanted.map((_, i) => {
      const [row, c] = [i - (i % WIDTH), i % WIDTH];
      return 3 * (c === 1 ? -1 : 1) * wanted[row + [1, 0, 3, 2][c]];
    });
    const same = neighbourMetrics({ count: COUNT, wanted, found });
    expect(same?.top10.value).toBe(1);
    expect(same?.rankCorrelation.value).toBeCloseTo(1, 12);
  });

  it('are as good as chance for unrelated vectors, and opposite for none', () => {
    const found = neighbourMetrics({ count: COUNT, wanted: vectors(1), found: vectors(2) });
    // Ten of 29 by chance; ρ is 0 on average.
    expect(Math.abs((found?.top10.value ?? 0) - 10 / 29)).toBeLessThan(0.1);
    expect(Math.abs(found?.rankCorrelation.value ?? 1)).toBeLessThan(0.15);
    expect(found?.top10.n).toBe(COUNT);
  });

  it('agree with a count by hand', () => {
    // Points on a circle: neighbours are those of the nearest angle.
    const circle = (angles: readonly number[]) =>
      Float64Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a)]));
    const angles = Array.from({ length: 13 }, (_, i) => (i * i) / 100);
    const wanted = circle(angles);
    // The last but one moves to the front: of each one's twelve others ten are near.
    const found = circle(angles.map((a, i) => (i === 11 ? -1.5 : a)));
    const top = (points: readonly number[], i: number) =>
      points
        .map((a, j) => ({ j, far: Math.abs(a - points[i]) }))
        .filter(({ j }) => j !== i)
        .sort((a, b) => a.far - b.far)
        .slice(0, 10)
        .map(({ j }) => j);
    const moved = angles.map((a, i) => (i === 11 ? -1.5 : a));
    const shares = angles.map(
      (_, i) => top(angles, i).filter((j) => top(moved, i).includes(j)).length / 10,
    );
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).toBeLessThan(1);
    expect(neighbourMetrics({ count: 13, wanted, found })?.top10.value).toBeCloseTo(mean, 12);
  });

  it('are not measured where all others are neighbours', () => {
    const few = new Float64Array(11 * WIDTH).fill(1);
    expect(neighbourMetrics({ count: 11, wanted: few, found: few })).toBeUndefined();
  });
});
