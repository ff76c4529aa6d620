import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/seeded.ts';
import { drawToken, softmax } from './draw-token.ts';

const SCORES = [2, 1, 0, -1];
const DRAWS = 5_000;

/** Shares of the tokens among many draws. */
function shares(temperature: number, topP?: number): number[] {
  const random = seededRandom(4, 'draws');
  const counts = SCORES.map(() => 0);
  const sampling = { temperature, ...(topP !== undefined && { topP }) };
  for (let i = 0; i < DRAWS; i++) counts[drawToken(SCORES, sampling, random)]++;
  return counts.map((count) => count / DRAWS);
}

/** Four standard errors of a share. */
const tolerance = (p: number) => 4 * Math.sqrt((p * (1 - p)) / DRAWS);

describe('drawToken', () => {
  it.each([1, 0.5, 2])(
    'draws with the probabilities of softmax at temperature %d',
    (temperature) => {
      const wanted = softmax(SCORES, temperature);
      for (const [token, share] of shares(temperature).entries()) {
        expect(Math.abs(share - wanted[token])).toBeLessThan(tolerance(wanted[token]));
      }
    },
  );

  it('keeps to the nucleus, whose probabilities keep their proportions', () => {
    const [first, second] = softmax(SCORES);
    const [a, b, c, d] = shares(1, first + 0.01);
    expect([c, d]).toEqual([0, 0]);
    expect(Math.abs(a - first / (first + second))).toBeLessThan(tolerance(a));
    expect(a + b).toBe(1);
    expect(shares(1, 0.01)).toEqual([1, 0, 0, 0]);
  });

  it('takes the likeliest at temperature 0, and the same for the same seed', () => {
    expect(shares(0)).toEqual([1, 0, 0, 0]);
    expect(shares(1)).toEqual(shares(1));
  });
});
