import { describe, expect, it } from 'vitest';
import { randomFloats } from '../../../../../test/fixtures/methods/models.ts';
import type { ParameterLayout } from '../../../training/parameters.ts';
import { VALUES } from '../../../training/value-names.ts';
import { rampOf, sparsityAt } from './cubic.ts';
import { maskBetween, type MaskSchedule } from './mask-schedule.ts';

/** A [3, 8] stored as it is, then B [4, 12] stored as Bᵀ, then a bias. */
const [sizeA, sizeB] = [24, 48];
const layout: ParameterLayout = {
  parameters: [
    { name: 'A', dims: [3, 8], offset: 0, size: sizeA },
    { name: 'B', dims: [12, 4], offset: sizeA, size: sizeB },
    { name: 'bias', dims: [5], offset: sizeA + sizeB, size: 5 },
  ],
  size: sizeA + sizeB + 5,
  decayed: sizeA + sizeB,
};
const theta = randomFloats(layout.size, 7).map((value, i) => (i < sizeA ? value : 0.3 * value));
const scores = randomFloats(sizeA + sizeB, 8);
const ramp = rampOf({ steps: 100, start: 0, interval: 10, until: 0.5 }, 0, 0.75);
const vectors = {
  ...{ theta, m: theta, v: theta },
  further: {
    [VALUES.mask]: new Float32Array(sizeA + sizeB).fill(1),
    [VALUES.scores]: scores,
  },
};

const base: MaskSchedule = {
  matrices: [
    { name: 'A', rows: 3, columns: 8, turned: false },
    { name: 'B', rows: 4, columns: 12, turned: true },
  ],
  ...{ ramp, pattern: 0.75, scope: 'tensor', by: 'magnitude' },
};

function maskAt(step: number, schedule: Partial<MaskSchedule> = {}): number[] {
  const { further } = maskBetween({ ...base, ...schedule }, layout).revise(vectors, step);
  return [...(further?.[VALUES.mask] ?? [])];
}

/** By sorting: what of `entries` is among the `count` smallest. */
function goneBySorting(rank: (at: number) => number, from: number, end: number, count: number) {
  const all = Array.from({ length: end - from }, (_, i) => from + i);
  return new Set(all.sort((a, b) => rank(a) - rank(b)).slice(0, count));
}

const ranks = {
  magnitude: (at: number) => Math.abs(theta[at]),
  movement: (at: number) => scores[at],
} as const;

describe.each(['magnitude', 'movement'] as const)('by %s', (by) => {
  it.each([10, 30, 50, 80])('the smallest of each matrix go, after %i steps', (step) => {
    const share = sparsityAt(step, ramp);
    const count = (size: number) => Math.trunc(size * share) + 1;
    const gone = new Set([
      ...goneBySorting(ranks[by], 0, sizeA, count(sizeA)),
      ...goneBySorting(ranks[by], sizeA, sizeA + sizeB, count(sizeB)),
    ]);
    maskAt(step, { by }).forEach((bit, at) => expect(bit, `${at}`).toBe(gone.has(at) ? 0 : 1));
  });

  it('or of all together', () => {
    const count = Math.trunc((sizeA + sizeB) * 0.75) + 1;
    const gone = goneBySorting(ranks[by], 0, sizeA + sizeB, count);
    const mask = maskAt(50, { by, scope: 'global' });
    mask.forEach((bit, at) => expect(bit, `${at}`).toBe(gone.has(at) ? 0 : 1));
    expect(mask).not.toEqual(maskAt(50, { by }));
  });

  it.each([
    [2, 4],
    [1, 4],
    [3, 4],
  ])('with %i:%i the share rises, and at the end no group holds more', (n, m) => {
    const final = 1 - n / m;
    const schedule = { by, pattern: { n, m }, ramp: { ...ramp, final } };
    for (const step of [0, 10, 20, 50]) {
      const gone = maskAt(step, schedule).filter((bit) => bit === 0).length;
      const share = sparsityAt(step, schedule.ramp);
      expect(gone).toBe(Math.round(sizeA * share) + Math.round(sizeB * share));
    }
    const mask = maskAt(50, schedule);
    // Row by row along the input: A as it lies, B turned.
    const rowsOfA = Array.from({ length: sizeA }, (_, at) => at);
    const rowsOfB = Array.from(
      { length: sizeB },
      (_, i) => sizeA + (i % 12) * 4 + Math.floor(i / 12),
    );
    for (const order of [rowsOfA, rowsOfB]) {
      for (let from = 0; from < order.length; from += m) {
        const group = order.slice(from, from + m);
        const kept = group.filter((at) => mask[at] === 1);
        expect(kept).toHaveLength(n);
        const least = Math.min(...kept.map(ranks[by]));
        for (const at of group) if (mask[at] === 0) expect(ranks[by](at)).toBeLessThan(least);
      }
    }
  });
});

it('of equal scores the first go, −0 counts as 0, and everything may go', () => {
  const flat = (value: number) => ({
    ...vectors,
    further: { ...vectors.further, [VALUES.scores]: scores.map((_, at) => (at % 2 ? value : 0)) },
  });
  const at = (share: number, value: number) => {
    const own = { ...base, by: 'movement' as const, ramp: { ...ramp, final: share } };
    return [...(maskBetween(own, layout).revise(flat(value), 50).further?.[VALUES.mask] ?? [])];
  };
  expect(at(0.5, -0).slice(0, sizeA)).toEqual(
    Array.from({ length: sizeA }, (_, i) => Number(i > 12)),
  );
  expect(at(1, 0).some((bit) => bit !== 0)).toBe(false);
});

describe('what counts', () => {
  it('are weights under the final mask; without sparsity, all', () => {
    expect(maskBetween(base, layout).settled).toBe(50);
    const none = maskBetween({ ...base, ramp: { ...ramp, final: 0 } }, layout);
    expect(none.settled).toBe(-1);
    expect([0, 10, 50].some((step) => none.isDue(step))).toBe(false);
  });
});
