import { describe, expect, it } from 'vitest';
import { randomFloats } from '../../../../../test/fixtures/methods/models.ts';
import { ascending } from './ascending.ts';
import { groupGains } from './group-gains.ts';

describe('what leaving a group saves', () => {
  const gains = (values: readonly number[], symmetric: boolean) => [
    ...groupGains(
      Float32Array.from(values),
      { columns: values.length, groupSize: values.length },
      symmetric,
    ),
  ];

  it('is n·(R² − R’²) of the outermost value', () => {
    // Ranges 16, 8, 4, 2, 0 of a symmetric grid.
    expect(gains([1, -8, 2, 4], true)).toEqual([4 * 4, 4 * 192, 4 * 12, 4 * 48]);
    // 8 + 4, then 4 + 2, … where both ends count: −8 first, then 4, 2, 1.
    expect(gains([1, -8, 2, 4], false)).toEqual([4 * 1, 4 * 128, 4 * 3, 4 * 12]);
  });

  it('is shared where later ones save more: two equal outliers are worth as much together', () => {
    // Ranges 20, 20, 2, 0: nothing, 396 and 4.
    expect(gains([10, 1, -10], true)).toEqual([3 * 198, 3 * 4, 3 * 198]);
  });

  it('counts columns by their importance', () => {
    const values = Float32Array.of(2, 1, 2, 1);
    const found = groupGains(
      values,
      { columns: 4, groupSize: 2 },
      true,
      Float32Array.of(1, 1, 5, 7),
    );
    expect([...found]).toEqual([2 * 12, 2 * 4, 12 * 12, 12 * 4]);
  });

  it('never rises on the way in, and adds up to the whole range', () => {
    for (const symmetric of [true, false]) {
      const values = randomFloats(200, 5);
      const found = [...groupGains(values, { columns: 200, groupSize: 200 }, symmetric)];
      const range = symmetric
        ? 2 * values.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
        : values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
      const total = found.reduce((a, b) => a + b, 0);
      // Float32 numbers, added in float64.
      expect(Math.abs(total / (200 * range ** 2) - 1)).toBeLessThan(1e-5);
      if (!symmetric) continue;
      const outermostFirst = [...values.keys()].sort(
        (a, b) => Math.abs(values[b]) - Math.abs(values[a]),
      );
      const along = outermostFirst.map((at) => found[at]);
      along.forEach((gain, k) => k > 0 && expect(gain).toBeLessThanOrEqual(along[k - 1]));
    }
  });
});

it.each([1, 5, 32, 33, 300])('%i values are put in order, equals as they come', (count) => {
  const values = randomFloats(count, 2).map((v) => Math.round(v * 20) / 4 + 0);
  const order = new Int32Array(count);
  ascending(values, order);
  const wanted = [...values.keys()].sort((a, b) => values[a] - values[b] || a - b);
  expect([...order]).toEqual(wanted);
});
