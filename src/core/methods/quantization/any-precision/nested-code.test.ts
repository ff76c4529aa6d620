import { expect, it } from 'vitest';
import { seeded } from '../../../../../test/fixtures/methods/models.ts';
import { NestedCode, objective, type Objective } from './nested-code.ts';
import type { Width } from './nested-grid.ts';

function cost({ parent, widths, weights }: Objective, wanted: ArrayLike<number>, code: number) {
  return widths.reduce((sum, bits, k) => {
    const part = 2 ** (parent - bits);
    const middle = Math.floor(code / part) * part + (part - 1) / 2;
    return sum + weights[k] * (wanted[k] - middle) ** 2;
  }, 0);
}

const CASES = ([8, 6] as Width[]).flatMap((parent) =>
  [0, 0.5, 1].map((balance) => [parent, balance] as const),
);

it.each(CASES)('no code of %s bits costs less, balance %s', (parent, balance) => {
  const goal = objective(parent, balance);
  const nested = new NestedCode(goal);
  const next = seeded(7);
  for (let trial = 0; trial < 300; trial++) {
    const middle = 2 ** (parent - 1) * (1 + 1.2 * next());
    // Widths disagree by up to a part of their own.
    goal.widths.forEach((bits, k) => {
      nested.at[k] = middle + next() * 2 ** (parent - bits);
    });
    const all = Array.from({ length: 2 ** parent }, (_, code) => cost(goal, nested.at, code));
    expect(cost(goal, nested.at, nested.find())).toBeCloseTo(Math.min(...all), 9);
  }
});
