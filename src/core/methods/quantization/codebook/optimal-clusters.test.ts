import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../random/seeded.ts';
import { gatherPoints } from './gather-points.ts';
import { optimalClusters, type Points } from './optimal-clusters.ts';
import { sortOrder } from './sort-order.ts';

/** Σ w·(x − nearest)². */
function lossOf({ values, weights }: Points, centres: ArrayLike<number>): number {
  return values.reduce((sum, x, i) => {
    const near = Math.min(...Array.from(centres, (c) => (x - c) ** 2));
    return sum + weights[i] * near;
  }, 0);
}

/** The least loss, by the plain dynamic programme over all numbers of clusters and all their starts. */
function leastLoss({ values, weights }: Points, count: number): number {
  const n = values.length;
  const spread = (from: number, end: number): number => {
    let [w, wx] = [0, 0];
    for (let i = from; i < end; i++) [w, wx] = [w + weights[i], wx + weights[i] * values[i]];
    let sum = 0;
    for (let i = from; i < end; i++) sum += weights[i] * (values[i] - wx / w) ** 2;
    return sum;
  };
  let best = Array.from({ length: n + 1 }, (_, j) => (j === 0 ? 0 : spread(0, j)));
  for (let k = 2; k <= count; k++)
    best = best.map((_, j) =>
      Math.min(...Array.from({ length: j }, (_, i) => best[i] + spread(i, j)), best[j]),
    );
  return best[n];
}

/** Lloyd's algorithm from quantiles. */
function lloyd(points: Points, count: number): number {
  const { values, weights } = points;
  let centres = Array.from(
    { length: count },
    (_, c) => values[Math.floor(((c + 0.5) * values.length) / count)],
  );
  for (let round = 0; round < 100; round++) {
    const sums = centres.map(() => [0, 0]);
    values.forEach((x, i) => {
      const distances = centres.map((c) => Math.abs(x - c));
      const own = sums[distances.indexOf(Math.min(...distances))];
      own[0] += weights[i];
      own[1] += weights[i] * x;
    });
    centres = centres.map((c, i) => (sums[i][0] === 0 ? c : sums[i][1] / sums[i][0]));
  }
  return lossOf(points, centres);
}

const KINDS = {
  normal: (u: number, v: number) => Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v),
  'in lumps': (u: number, v: number) => Math.floor(6 * u) * 10 + v,
  'with outliers': (u: number, v: number) => (u < 0.05 ? 1e4 * v : v),
  'far from zero': (u: number) => 1000 + u,
  // Steps of equal size: many numbers of clusters have one price, and many tables one loss.
  'evenly spaced': (u: number) => Math.floor(40 * u),
} as const;

function pointsOf(kind: keyof typeof KINDS, count: number, weighted: boolean): Points {
  const random = seededRandom(7, kind);
  const values = Float32Array.from({ length: count }, () =>
    KINDS[kind](random.next(), random.next()),
  );
  const weights = Float64Array.from({ length: count }, () => random.next() ** 4 + 1e-3);
  return gatherPoints(values, weighted ? weights : undefined);
}

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('numbers that are %s', (kind) => {
  it.each([false, true])('are clustered as well as can be, weighted %s', (weighted) => {
    const points = pointsOf(kind, 60, weighted);
    for (const count of [1, 2, 3, 5, 8, 16, 31]) {
      const centres = optimalClusters(points, count);
      expect(centres).toEqual(centres.toSorted());
      const [loss, least] = [lossOf(points, centres), leastLoss(points, count)];
      const scale = lossOf(points, [centres[0]]);
      expect(Math.abs(loss - least)).toBeLessThanOrEqual(1e-9 * least + 1e-13 * scale);
      expect(loss).toBeLessThanOrEqual(lloyd(points, count) * (1 + 1e-12) + 1e-13 * scale);
    }
  });
});

it('exchanges ends of two paths where no price gives the number that is wanted', () => {
  const values = Float64Array.from({ length: 12 }, (_, i) => i);
  const points = { values, weights: new Float64Array(12).fill(1) };
  for (let count = 1; count <= 12; count++)
    expect(lossOf(points, optimalClusters(points, count))).toBeCloseTo(leastLoss(points, count), 9);
});

it('a guess changes only how soon it is there', () => {
  const points = pointsOf('normal', 400, false);
  const alone = optimalClusters(points, 16);
  for (const price of [1e-9, 1e-3, 10])
    expect(optimalClusters(points, 16, { price })).toEqual(alone);
});

it('fewer numbers than clusters are their own clusters', () => {
  const points = gatherPoints(Float32Array.of(3, -1, 3, 0, -1));
  expect([...points.values]).toEqual([-1, 0, 3]);
  expect([...points.weights]).toEqual([2, 1, 2]);
  expect([...optimalClusters(points, 4)]).toEqual([-1, 0, 3]);
});

it('sorts as comparing does', () => {
  const random = seededRandom(3);
  const values = Float32Array.from({ length: 3000 }, (_, i) =>
    i % 7 === 0 ? 0 : (random.next() - 0.5) * 10 ** Math.floor(random.next() * 60 - 30),
  );
  const sorted = Float32Array.from(sortOrder(values), (i) => values[i]);
  expect(sorted).toEqual(values.toSorted());
  expect([...sortOrder(Float32Array.of(1, -1, 1, -1))]).toEqual([1, 3, 0, 2]);
});
