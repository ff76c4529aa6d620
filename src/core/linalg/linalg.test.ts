import { describe, expect, it } from 'vitest';
import { LatheError } from '../errors/lathe-error.ts';
import { gaussian } from '../kernels/testing.ts';
import { cholesky, choleskyOracle, solveLower } from './cholesky.ts';
import { hadamardTransform } from './hadamard.ts';
import { qr } from './qr.ts';
import { distance, identity, positiveDefinite, product, transpose } from './testing.ts';

describe('cholesky', () => {
  it.each([1, 2, 17, 128, 129, 300])('L·Lᵀ gives A back, n = %i', (n) => {
    const a = positiveDefinite(n);
    const l = cholesky(a, n);
    const bound = 4 * n * 2 ** -24;
    expect(distance(product(l, transpose(l, n, n), n, n, n), a)).toBeLessThan(bound);
    expect(l.filter((value, i) => value !== 0 && i % n > Math.floor(i / n)).length).toBe(0);
    // Entry by entry the factor moves by the condition (about 1e4 here) times float32's rounding.
    expect(distance(l, choleskyOracle(a, n))).toBeLessThan(1e-4);
  });

  it.each([5, 200])('says where a matrix of size %i is not positive definite', (n) => {
    const a = positiveDefinite(n);
    a[3 * n + 3] = -1;
    for (const factor of [cholesky, choleskyOracle]) {
      expect(() => factor(a, n)).toThrow(LatheError);
      expect(() => factor(a, n)).toThrow(
        `A ${n}×${n} matrix has no Cholesky factor because it is not positive definite at column 3: add damping to its diagonal, or use more calibration rows.`,
      );
    }
  });

  it('solves both triangles', () => {
    const n = 60;
    const l = cholesky(positiveDefinite(n), n);
    const x = gaussian(n * 3, 8);
    const b = Float32Array.from(product(l, x, n, n, 3));
    const bt = Float32Array.from(product(transpose(l, n, n), x, n, n, 3));
    // cond(L) ≈ 1e2 times the rounding of b.
    expect(distance(solveLower(l, n, b, 3), x)).toBeLessThan(1e-4);
    expect(distance(solveLower(l, n, bt, 3, true), x)).toBeLessThan(1e-4);
  });
});

describe('qr', () => {
  it.each([
    [1, 1],
    [40, 7],
    [64, 64],
    [300, 20],
  ])('A = QR with orthonormal Q, %i×%i', (m, n) => {
    const a = gaussian(m * n, 3);
    const { q, r } = qr(a, m, n);
    expect(distance(product(q, r, m, n, n), a)).toBeLessThan(n * 2 ** -50);
    expect(distance(product(transpose(q, m, n), q, n, m, n), identity(n))).toBeLessThan(
      n * 2 ** -50,
    );
    for (let i = 0; i < n; i++) expect(r[i * n + i]).toBeGreaterThanOrEqual(0);
  });

  it('keeps Q orthonormal when columns repeat or are zero', () => {
    const a = Float64Array.from({ length: 30 }, (_, i) => (i % 3 === 2 ? 0 : i - (i % 3)));
    const { q, r } = qr(a, 10, 3);
    expect(distance(product(q, r, 10, 3, 3), a)).toBeLessThan(1e-14);
    expect(distance(product(transpose(q, 10, 3), q, 3, 10, 3), identity(3))).toBeLessThan(1e-14);
  });
});

describe('hadamardTransform', () => {
  it('is orthogonal and its own inverse, whole rows and blocks', () => {
    const x = gaussian(3 * 64, 6);
    for (const block of [1, 8, 64]) {
      const y = hadamardTransform(x, 3, 64, block);
      expect(distance(hadamardTransform(y, 3, 64, block), x)).toBeLessThan(2e-7);
      expect(dotSelf(Float64Array.from(y)) / dotSelf(Float64Array.from(x))).toBeCloseTo(1, 6);
    }
  });

  it('spreads one outlier evenly', () => {
    const x = new Float32Array(16);
    x[5] = 4;
    expect([...hadamardTransform(x, 1, 16).map(Math.abs)]).toEqual(new Array(16).fill(1));
  });

  it.each([12, 32])('refuses size %i for rows of 48', (size) => {
    const run = (): unknown => hadamardTransform(new Float32Array(48), 1, 48, size);
    expect(run).toThrow(
      `A Hadamard transform of size ${size} does not fit rows of 48: the size must be a power of two that divides 48.`,
    );
  });
});

function dotSelf(s: Float64Array): number {
  return s.reduce((sum, x) => sum + x * x, 0);
}
