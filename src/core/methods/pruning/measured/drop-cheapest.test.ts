import { describe, expect, it } from 'vitest';
import type { Ablation } from '../../../ablation/types.ts';
import type { Oracle } from '../../contract.ts';
import { dropCheapest } from './drop-cheapest.ts';

type Ask = Pick<Oracle<never>, 'losses' | 'signal'>;

/** An oracle for which a list of parts, named by their gates, costs what `cost` says. */
function oracle(cost: (parts: string) => number, asked: string[][] = []): Ask {
  return {
    losses: (ablations: readonly Ablation[]) => {
      const lists = ablations.map(({ gates }) => gates.map(({ value }) => value).join(''));
      asked.push(lists);
      const rest = { measure: 'kl', standardError: 0, n: 2 } as const;
      return Promise.resolve(lists.map((parts) => ({ ...rest, value: cost(parts) })));
    },
  };
}

const dropping = (count: number, possible = (_: readonly string[]) => true) => ({
  ...{ parts: ['a', 'b', 'c', 'd'], count, possible },
  without: (dropped: readonly string[]) => ({ gates: dropped.map((value) => ({ value })) }),
});

describe('dropCheapest', () => {
  it('measures again what is left after each part that went', async () => {
    // Alone, a and b cost least; together they cost the most, as two that stand for each other do.
    const single: Record<string, number> = { a: 1, b: 2, c: 3, d: 4 };
    const cost = (parts: string) =>
      parts.includes('a') && parts.includes('b')
        ? 100
        : [...parts].reduce((sum, part) => sum + single[part], 0);
    const asked: string[][] = [];
    expect(await dropCheapest(dropping(2), oracle(cost, asked))).toEqual(['a', 'c']);
    expect(asked).toEqual([
      ['a', 'b', 'c', 'd'],
      ['ab', 'ac', 'ad'],
    ]);
  });

  it('takes the later of equals, and passes over what cannot go', async () => {
    expect(
      await dropCheapest(
        dropping(1),
        oracle(() => 1),
      ),
    ).toEqual(['d']);
    const possible = (dropped: readonly string[]) => !dropped.includes('d');
    expect(
      await dropCheapest(
        dropping(1, possible),
        oracle(() => 1),
      ),
    ).toEqual(['c']);
  });

  it('says which part of the whole each question is', async () => {
    const within: unknown[] = [];
    const ask = oracle(() => 1);
    const telling: Ask = {
      losses: (ablations, where) => {
        within.push(where);
        return ask.losses(ablations);
      },
    };
    await dropCheapest(dropping(2), telling);
    expect(within).toEqual([
      { from: 0, end: 0.5 },
      { from: 0.5, end: 1 },
    ]);
  });

  it('refuses in words when nothing that is left can go', async () => {
    const possible = (dropped: readonly string[]) => dropped.length < 2;
    await expect(
      dropCheapest(
        dropping(3, possible),
        oracle(() => 1),
      ),
    ).rejects.toThrow(
      '3 parts were to go, and after 1 of them none of the others can: what would be left does not hold together; lower the number.',
    );
  });

  it('stops when cancelled', async () => {
    const ask = { ...oracle(() => 1), signal: AbortSignal.abort() };
    await expect(dropCheapest(dropping(1), ask)).rejects.toThrow('cancelled');
  });
});
