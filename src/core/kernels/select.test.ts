import { describe, expect, it } from 'vitest';
import { LatheError } from '../errors/lathe-error.ts';
import {
  MagnitudeSearch,
  keepAbove,
  magnitudeThreshold,
  pruneMagnitude,
  pruneWanda,
} from './select.ts';
import { differing, gaussian, uniform } from './testing.ts';

/** Values with many ties, both signs of zero and extremes. */
function tied(count: number, seed: number): Float32Array {
  const next = uniform(seed);
  const pool = [0, -0, 1, -1, 0.5, 1e-40, -3e38, 2];
  return Float32Array.from({ length: count }, () => pool[Math.floor(next() * pool.length)]);
}

describe('magnitudeThreshold', () => {
  it.each([gaussian(999, 1), tied(1000, 2), Float32Array.of(7)])(
    'is the sorted value',
    (values) => {
      const sorted = values.map(Math.abs).sort();
      for (const sparsity of [0.01, 0.25, 0.5, 0.9, 1]) {
        const rank = Math.min(values.length - 1, Math.trunc(values.length * sparsity));
        expect(magnitudeThreshold([values], sparsity)).toBe(sorted[rank]);
      }
      expect(magnitudeThreshold([values], 0)).toBe(-1);
    },
  );

  it('over several tensors it is that of all values together', () => {
    const [a, b] = [gaussian(500, 3), gaussian(700, 4).map((v) => 10 * v)];
    const all = Float32Array.from([...a, ...b]);
    expect(magnitudeThreshold([a, b], 0.6)).toBe(magnitudeThreshold([all], 0.6));
    const search = new MagnitudeSearch();
    [a, b].forEach((values) => search.coarse(values));
    search.narrow(0.6);
    [a, b].forEach((values) => search.fine(values));
    expect(search.threshold()).toBe(magnitudeThreshold([all], 0.6));
    const kept = keepAbove(all, search.threshold()).reduce((sum, k) => sum + k, 0);
    expect(kept).toBe(1200 - 721);
  });

  it.each([-0.1, 1.5, NaN])('refuses a sparsity of %s', (sparsity) => {
    const sentence = `A sparsity of ${sparsity} is not a share between 0 and 1: give the fraction of weights to remove, for example 0.5.`;
    expect(() => magnitudeThreshold([gaussian(4, 1)], sparsity)).toThrow(LatheError);
    expect(() => magnitudeThreshold([gaussian(4, 1)], sparsity)).toThrow(sentence);
    expect(() => pruneWanda(gaussian(4, 1), 1, 4, gaussian(4, 1), sparsity)).toThrow(sentence);
  });
});

describe('pruneWanda', () => {
  it.each([0, 0.1, 0.5, 0.77, 1])(
    'removes what a stable sort puts first, sparsity %s',
    (sparsity) => {
      const [rows, columns] = [20, 131];
      for (const values of [gaussian(rows * columns, 5), tied(rows * columns, 6)]) {
        const norms = tied(columns, 7).map((v) => Math.min(4, Math.abs(v)));
        const expected = new Uint8Array(rows * columns).fill(1);
        for (let r = 0; r < rows; r++) {
          const metric = norms.map((norm, c) => Math.abs(values[r * columns + c]) * norm);
          const order = [...metric.keys()].sort((i, j) => metric[i] - metric[j]);
          for (const c of order.slice(0, Math.trunc(columns * sparsity)))
            expected[r * columns + c] = 0;
        }
        expect(differing(pruneWanda(values, rows, columns, norms, sparsity), expected)).toBe(0);
      }
    },
  );

  it('with equal norms an N:M mask is that of magnitude', () => {
    const values = gaussian(8 * 64, 8);
    const pattern = { n: 2, m: 4 };
    const wanda = pruneWanda(values, 8, 64, new Float32Array(64).fill(3), pattern);
    expect(differing(wanda, pruneMagnitude(values, 8, 64, pattern))).toBe(0);
  });
});

describe('N:M patterns', () => {
  it.each([
    { n: 2, m: 4 },
    { n: 1, m: 4 },
    { n: 4, m: 8 },
    { n: 3, m: 3 },
  ])('keeps exactly n of every m, the largest: %o', ({ n, m }) => {
    const values = tied(12 * 48, 9);
    const keep = pruneMagnitude(values, 12, 48, { n, m });
    for (let start = 0; start < keep.length; start += m) {
      const group = keep.subarray(start, start + m);
      const size = (wanted: number): number[] =>
        [...values.subarray(start, start + m).map(Math.abs)].filter((_, i) => group[i] === wanted);
      expect(size(1).length).toBe(n);
      expect(Math.min(...size(1))).toBeGreaterThanOrEqual(Math.max(0, ...size(0)));
    }
  });

  it('refuses patterns that do not fit', () => {
    const run = (n: number, m: number): unknown =>
      pruneMagnitude(new Float32Array(60), 6, 10, { n, m });
    expect(() => run(5, 4)).toThrow(
      'The pattern 5:4 keeps 5 of 4 weights, which is impossible: use 1 ≤ n ≤ m, for example 2:4.',
    );
    expect(() => run(2, 4)).toThrow(
      'A row of 10 weights cannot be cut into groups of 4: choose an m that divides 10, or leave this layer out.',
    );
  });
});
