import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/seeded.ts';
import { chooseLevels } from './choose-levels.ts';
import { paretoLevels } from './pareto-levels.ts';
import { relaxation } from './relaxation.ts';
import type { Level } from './upgrades.ts';

/** Items whose levels fall in no particular way, so that the best choice leaves the hulls. */
function made(items: number, seed: number, levels = 4): Level[][] {
  const random = seededRandom(seed, 'levels');
  return Array.from({ length: items }, () => {
    const size = 1 + Math.floor(random.next() * 9);
    return Array.from({ length: levels }, (_, at) => ({
      cost: size * (at + 1) + Math.floor(random.next() * 5),
      error: random.next() * 4 ** -at,
    }));
  });
}

function sums(items: readonly (readonly Level[])[], levels: readonly number[]): Level {
  const chosen = items.map((own, at) => own[levels[at]]);
  return {
    cost: chosen.reduce((sum, { cost }) => sum + cost, 0),
    error: chosen.reduce((sum, { error }) => sum + error, 0),
  };
}

/** The least error of all choices within the budget. */
function exhaustive(items: readonly (readonly Level[])[], budget: number): number {
  const total = items.reduce((count, own) => count * own.length, 1);
  let least = Infinity;
  for (let n = 0; n < total; n++) {
    let rest = n;
    const levels = items.map((own) => {
      const level = rest % own.length;
      rest = Math.floor(rest / own.length);
      return level;
    });
    const { cost, error } = sums(items, levels);
    if (cost <= budget) least = Math.min(least, error);
  }
  return least;
}

describe('chooseLevels', () => {
  const cases = [1, 2, 3, 4].flatMap((seed) => [0.1, 0.3, 0.6].map((share) => [seed, share]));
  it.each(cases)('finds what trying everything finds: seed %i, budget %f', (seed, share) => {
    const items = made(6, seed);
    const [least, most] = [0, 3].map((at) => sums(items, Array(6).fill(at) as number[]).cost);
    const budget = Math.round(least + share * (most - least));
    const choice = chooseLevels(items, budget);
    expect(choice?.error).toBeCloseTo(exhaustive(items, budget), 12);
    const { cost, error } = sums(items, choice?.levels ?? []);
    expect(cost).toBe(choice?.cost);
    expect(cost).toBeLessThanOrEqual(budget);
    expect(error).toBeCloseTo(choice?.error ?? 0, 12);
  });

  it('beats going down the hulls, where these leave money over', () => {
    const items = [
      [
        { cost: 0, error: 10 },
        { cost: 6, error: 0 },
      ],
      [
        { cost: 0, error: 9 },
        { cost: 5, error: 2 },
        { cost: 5, error: 1 },
      ],
      [
        { cost: 0, error: 9 },
        { cost: 5, error: 1 },
      ],
    ];
    expect(chooseLevels(items, 10)).toEqual({ levels: [0, 2, 1], cost: 10, error: 12 });
  });

  it('takes costs that are no whole numbers, and swaps roles: the smallest file within a loss', () => {
    const items = made(6, 9).map((own) =>
      own.map(({ cost, error }) => ({ cost: error, error: cost })),
    );
    const choice = chooseLevels(items, 1.1);
    expect(choice?.cost).toBeLessThanOrEqual(1.1);
    expect(choice?.error).toBe(exhaustive(items, 1.1));
  });

  it('says where nothing fits, and takes the best of everything where all does', () => {
    const items = made(5, 5);
    const least = sums(
      items,
      items.map((own) => own.indexOf(own.toSorted((a, b) => a.cost - b.cost)[0])),
    );
    expect(chooseLevels(items, least.cost - 1)).toBeUndefined();
    const best = items.reduce((sum, own) => sum + Math.min(...own.map(({ error }) => error)), 0);
    expect(chooseLevels(items, 1e9)?.error).toBeCloseTo(best, 12);
    expect(chooseLevels([], 0)).toEqual({ levels: [], cost: 0, error: 0 });
  });

  it('lies between what mixed levels could come to and what going down the hulls does, with many layers', () => {
    const items = made(60, 6, 15);
    const [least, most] = [0, 14].map((at) => sums(items, Array(60).fill(at) as number[]).cost);
    const budget = Math.round((least + most) / 3);
    const bound = relaxation(items.map(paretoLevels));
    const choice = chooseLevels(items, budget);
    expect(choice?.error).toBeGreaterThanOrEqual(bound(0, budget));
    expect(choice?.error).toBeLessThanOrEqual(1.01 * bound(0, budget));
    expect(choice?.cost).toBeLessThanOrEqual(budget);
  });
});
