import { describe, expect, it } from 'vitest';
import { MOST_NEIGHBOURS, neighbours } from './exchange.ts';

/** Parts whose levels cost 1, 2, 3 and err 9, 3, 1 times their weight. */
const part = (weight: number) =>
  [9, 3, 1].map((error, level) => ({ cost: level + 1, error: error * weight }));

describe('neighbours', () => {
  it('are exchanges that fit, those first that the sum favours', () => {
    const items = [part(1), part(2), part(4)];
    const found = neighbours(items, [1, 1, 1], 0);
    expect(found[0]).toEqual([0, 1, 2]);
    for (const levels of found) {
      const cost = levels.reduce((sum, level, at) => sum + items[at][level].cost, 0);
      expect(cost).toBeLessThanOrEqual(6);
      expect(levels.filter((level) => level !== 1).length).toBeLessThanOrEqual(2);
    }
  });

  it('take what is left over first, and are not many', () => {
    const items = Array.from({ length: 9 }, (_, at) => part(at + 1));
    const found = neighbours(items, Array<number>(9).fill(1), 1);
    expect(found[0]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2]);
    expect(found).toHaveLength(MOST_NEIGHBOURS);
  });
});
