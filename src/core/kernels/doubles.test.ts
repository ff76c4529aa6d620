import { describe, expect, it } from 'vitest';
import type { DoubleProduct } from './doubles-oracle.ts';
import { plainDoubles, withDoubles } from './doubles.ts';
import { gaussian } from './testing.ts';

/** Largest difference between two arrays. */
function apart(a: Float64Array, b: Float64Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

/** Kernels and oracle over the same numbers. */
function both(values: Float64Array, work: (doubles: ReturnType<typeof plainDoubles>) => void) {
  const oracle = values.slice();
  work(plainDoubles(oracle));
  const kernel = withDoubles(values.length, (doubles) => {
    doubles.heap.set(values);
    work(doubles);
    return doubles.heap.slice();
  });
  return { oracle, kernel };
}

const SIZES = [
  [1, 1, 1],
  [4, 4, 2],
  [3, 5, 7],
  [97, 9, 200],
  [13, 390, 40],
  [100, 101, 193],
];

describe.each([
  { a: 'rows', b: 'rows' },
  { a: 'columns', b: 'rows' },
  { a: 'rows', b: 'columns' },
  { a: 'columns', b: 'columns' },
])('gemmDouble, A by $a, B by $b', (lies) => {
  it.each(SIZES)('%i×%i×%i equals the oracle to float64 rounding', (m, n, k) => {
    const values = Float64Array.from(gaussian(m * k + k * n + m * n, 1));
    const product: DoubleProduct = {
      ...{ m, n, k, alpha: -0.5, a: 0, b: m * k, c: m * k + k * n, cRow: n },
      ...(lies.a === 'rows' ? { aRow: k, aColumn: 1 } : { aRow: 1, aColumn: m }),
      ...(lies.b === 'rows' ? { bRow: n, bColumn: 1 } : { bRow: 1, bColumn: k }),
    };
    const { oracle, kernel } = both(values, (doubles) => doubles.multiply(product));
    // Sums of k products of standard normal numbers, below 36 each.
    expect(apart(kernel, oracle)).toBeLessThan(36 * k * 2 ** -52);
    expect(apart(kernel, values)).toBeGreaterThan(0);
  });
});

describe('symvUpper', () => {
  it.each([1, 2, 3, 8, 33])('reads the upper half alone: n = %i', (n) => {
    const stride = n + 3;
    const values = Float64Array.from(gaussian(n * stride + 2 * n, 2));
    for (let i = 0; i < n; i++) values.fill(NaN, i * stride, i * stride + i);
    const [x, y] = [n * stride, n * stride + n];
    const { oracle, kernel } = both(values, (doubles) => {
      doubles.symmetricTimes(0, stride, n, x, y);
    });
    const slice = (heap: Float64Array): Float64Array => heap.slice(y, y + n);
    expect(slice(kernel).every(Number.isFinite)).toBe(true);
    expect(apart(slice(kernel), slice(oracle))).toBeLessThan(36 * n * 2 ** -52);
  });

  it('the upper half of a product leaves what lies below its tiles', () => {
    const [n, k] = [50, 5];
    const values = Float64Array.from(gaussian(2 * n * k + n * n, 3));
    const c = 2 * n * k;
    const product = {
      ...{ m: n, n, k, alpha: 1, a: 0, aRow: k, aColumn: 1, b: n * k, bRow: n, bColumn: 1 },
      ...{ c, cRow: n, upper: true },
    };
    const { oracle, kernel } = both(values, (doubles) => doubles.multiply(product));
    for (let i = 0; i < n; i++) {
      const [from, to] = [c + i * n, c + (i + 1) * n];
      expect(apart(kernel.slice(from + i, to), oracle.slice(from + i, to))).toBeLessThan(1e-12);
      expect(kernel.slice(from, from + Math.max(0, i - 3))).toEqual(
        values.slice(from, from + Math.max(0, i - 3)),
      );
    }
  });
});
