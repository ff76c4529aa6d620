import { expect, it } from 'vitest';
import { seededRandom } from '../../random/seeded.ts';
import type { Moments } from '../../statistics/moments/moments.ts';
import { averageOf, leastSquaresOf } from './combine.ts';
import { momentsOf } from './testing.ts';

const [ROWS, COLUMNS] = [6, 10];
const random = seededRandom(3);
const weights = [0, 1, 2].map(() =>
  Float32Array.from({ length: ROWS * COLUMNS }, () => random.next() - 0.5),
);
const grams = [0, 1, 2].map((at) => momentsOf(COLUMNS, `gram ${at}`));

/** Σᵢ tr((W − Wᵢ)·Gᵢ·(W − Wᵢ)ᵀ) */
function lossOf(w: Float32Array, of: readonly Moments[] = grams): number {
  let loss = 0;
  weights.forEach((own, at) => {
    for (let r = 0; r < ROWS; r++) {
      for (let a = 0; a < COLUMNS; a++) {
        for (let b = 0; b < COLUMNS; b++) {
          const [x, y] = [a, b].map((c) => w[r * COLUMNS + c] - own[r * COLUMNS + c]);
          loss += x * y * of[at].values[a * COLUMNS + b];
        }
      }
    }
  });
  return loss;
}

it('leaves equal weights exactly as they are', () => {
  const same = [weights[0], weights[0], weights[0]];
  expect(averageOf(same)).toEqual(weights[0]);
  expect(leastSquaresOf(same, grams, ROWS, COLUMNS)).toEqual(weights[0]);
});

it('costs less than the average on the data it was made for, and less than its own neighbours', () => {
  const best = leastSquaresOf(weights, grams, ROWS, COLUMNS);
  const least = lossOf(best);
  expect(least).toBeLessThan(0.9 * lossOf(averageOf(weights)));
  // Damping moves it a hundredth off the minimum; a step towards any of the weights is uphill.
  for (const own of weights) {
    expect(lossOf(best.map((value, i) => value + 0.2 * (own[i] - value)))).toBeGreaterThan(least);
  }
});

it('is the weight of the block that alone is fed with something, but for the damping', () => {
  const silent = { ...grams[0], values: new Float32Array(COLUMNS * COLUMNS) };
  const found = leastSquaresOf(weights, [silent, grams[1], silent], ROWS, COLUMNS);
  const of = [silent, grams[1], silent];
  expect(lossOf(found, of)).toBeLessThan(0.02 * lossOf(averageOf(weights), of));
});

it('is the average where nothing was seen', () => {
  const silent = { ...grams[0], values: new Float32Array(COLUMNS * COLUMNS) };
  expect(leastSquaresOf(weights, [silent, silent, silent], ROWS, COLUMNS)).toEqual(
    averageOf(weights),
  );
});
