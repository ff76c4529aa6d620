import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/seeded.ts';
import { upgradesOf, type Level } from './upgrades.ts';

function made(items: number, seed: number): Level[][] {
  const random = seededRandom(seed, 'upgrades');
  return Array.from({ length: items }, () => {
    const size = 1 + Math.floor(random.next() * 9);
    const scale = random.next();
    return [2, 3, 4, 8].map((bits) => ({ cost: bits * size, error: scale * 4 ** -bits }));
  });
}

function sum(items: readonly (readonly Level[])[], levels: readonly number[], of: keyof Level) {
  return items.reduce((total, own, i) => total + own[levels[i]][of], 0);
}

/** Every choice of one level for each item. */
function* choices(items: readonly (readonly Level[])[]): Generator<number[]> {
  const total = items.reduce((count, own) => count * own.length, 1);
  for (let n = 0; n < total; n++) {
    let rest = n;
    yield items.map((own) => {
      const level = rest % own.length;
      rest = Math.floor(rest / own.length);
      return level;
    });
  }
}

describe('upgradesOf', () => {
  it.each([1, 2, 3])('after each upgrade no choice of that cost is better: seed %i', (seed) => {
    const items = made(5, seed);
    const levels = items.map(() => 0);
    for (const { item, level } of upgradesOf(items)) {
      expect(level).toBeGreaterThan(levels[item]);
      levels[item] = level;
      const [cost, error] = [sum(items, levels, 'cost'), sum(items, levels, 'error')];
      for (const other of choices(items)) {
        if (sum(items, other, 'cost') > cost) continue;
        expect(sum(items, other, 'error')).toBeGreaterThanOrEqual(error * (1 - 1e-12));
      }
    }
    expect(levels).toEqual([3, 3, 3, 3, 3]);
  });

  it('passes over levels that save nothing', () => {
    const levels = [
      { cost: 1, error: 4 },
      { cost: 2, error: 5 },
      { cost: 3, error: 1 },
      { cost: 4, error: 1 },
    ];
    expect(upgradesOf([levels])).toEqual([{ item: 0, level: 2 }]);
  });
});
