import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random/seeded.ts';
import { discountsOf } from './discounts.ts';
import { trainKneserNey } from './kneser-ney.ts';

const V = 12;

/** A seeded chain in which the next token leans on the two before it. */
function chain(seed: number, length: number): number[] {
  const random = seededRandom(seed, 'chain');
  const ids = [0, 1];
  while (ids.length < length) {
    const [u, v] = ids.slice(-2);
    const usual = (3 * u + v + 1) % V;
    ids.push(random.next() < 0.6 ? usual : Math.floor(V * random.next() ** 2));
  }
  return ids;
}

const documents = [chain(1, 400), chain(2, 300), chain(3, 2)];

function surprise(p: (u: number, v: number, w: number) => number, ids: readonly number[]): number {
  let sum = 0;
  for (let t = 1; t < ids.length; t++)
    sum -= Math.log(p(ids[Math.max(0, t - 2)], ids[t - 1], ids[t]));
  return sum / (ids.length - 1);
}

describe.each(['single', 'modified'] as const)('trainKneserNey, %s discounts', (discounts) => {
  const model = trainKneserNey(documents, { vocabularySize: V, discounts });

  it('gives probabilities that sum to one in every context, seen or not', () => {
    for (let u = 0; u < V; u++) {
      for (let v = 0; v < V; v++) {
        let sum = 0;
        for (let w = 0; w < V; w++) {
          const p = model.probability(u, v, w);
          expect(p).toBeGreaterThan(0);
          sum += p;
        }
        expect(Math.abs(sum - 1)).toBeLessThan(1e-12);
      }
    }
  });

  it('predicts new text of the same kind better than guessing', () => {
    const nll = surprise(model.probability, chain(9, 500));
    expect(nll).toBeLessThan(0.8 * Math.log(V));
  });
});

describe('trainKneserNey', () => {
  it('follows the formula by hand', () => {
    // Trigrams 001, 012, 120, 201 once, 012 again: c(012) = 2.
    const ids = [0, 1, 2, 0, 1, 2];
    const { probability, discounts } = trainKneserNey([ids], {
      vocabularySize: 3,
      discounts: 'single',
    });
    // trigrams: 001·1, 012·2, 120·1, 201·1 → D₃ = 3/(3 + 2); bigrams by distinct tokens before:
    // 01: {0, 2} = 2, 12: 1, 20: 1 → D₂ = 2/(2 + 2); unigrams: 1, 2, 0 each 1 → fallback ½.
    expect(discounts.map(([d]) => d)).toEqual([3 / 5, 1 / 2, 1 / 2]);
    const p1 = 0.5 / 3 + (3 * 0.5) / 3 / 3;
    const p2 = (1 - 0.5) / 1 + 0.5 * p1;
    expect(probability(0, 1, 2)).toBeCloseTo((2 - 0.6) / 2 + (0.6 / 2) * p2, 14);
    expect(probability(2, 2, 2)).toBeCloseTo(0.5 * p1, 14);
  });

  it('counts companions, not occurrences, in lower orders', () => {
    // 5 follows only 4, very often; 6 follows many tokens once: after an unseen context 6 is likelier.
    const often = Array.from({ length: 30 }, () => [4, 5]).flat();
    const wide = [0, 1, 2, 3, 7, 8].flatMap((id) => [id, 6]);
    const { probability } = trainKneserNey([[9, ...often, ...wide]], {
      vocabularySize: V,
      discounts: 'single',
    });
    expect(probability(10, 11, 6)).toBeGreaterThan(2 * probability(10, 11, 5));
  });

  it('refuses nothing to count and ids outside the vocabulary', () => {
    const options = { vocabularySize: 3, discounts: 'single' } as const;
    expect(() => trainKneserNey([[1]], options)).toThrow(
      'A trigram model needs at least one document of two tokens, and there is none; give more text.',
    );
    expect(() => trainKneserNey([[0, 3]], options)).toThrow(
      'The token 3 cannot be counted in a vocabulary of 3 tokens; give ids from 0 to 2, at most 131072 in all.',
    );
  });
});

describe('discountsOf', () => {
  it('estimates from counts of counts', () => {
    const counts = [...Array<number>(10).fill(1), ...Array<number>(4).fill(2), 3, 3, 4, 9];
    const y = 10 / 18;
    expect(discountsOf(counts, false)).toEqual([y, y, y]);
    const modified = discountsOf(counts, true);
    expect(modified[0]).toBeCloseTo(1 - (2 * y * 4) / 10, 14);
    expect(modified[1]).toBeCloseTo(2 - (3 * y * 2) / 4, 14);
    expect(modified[2]).toBeCloseTo(3 - (4 * y * 1) / 2, 14);
  });
});
