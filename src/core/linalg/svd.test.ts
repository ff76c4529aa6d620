import { describe, expect, it } from 'vitest';
import { columns, rows, vector } from '../../../test/golden/load.ts';
import { differing, gaussian, uniform } from '../kernels/testing.ts';
import { jacobiSvd } from './jacobi-svd.ts';
import { qr } from './qr.ts';
import { randomizedSvd } from './randomized-svd.ts';
import { svd, type Svd } from './svd.ts';
import { distance, identity, product, rebuild, transpose } from './testing.ts';

function orthogonality(a: Float64Array, m: number, n: number): number {
  return distance(product(transpose(a, m, n), a, n, m, n), identity(n));
}

/** U·diag(s)·Vᵀ with random U [m, k] and V [n, k]. */
function withSpectrum(m: number, n: number, s: readonly number[]): Float64Array {
  const k = s.length;
  const left = qr(gaussian(m * k, 1), m, k).q;
  const right = qr(gaussian(n * k, 2), n, k).q;
  return rebuild({ u: left, s: Float64Array.from(s), v: right }, m, n);
}

describe.each([
  { name: 'svd', solve: svd },
  { name: 'jacobiSvd', solve: jacobiSvd },
])('$name', ({ solve }) => {
  it.each([
    [1, 1],
    [6, 6],
    [50, 12],
    [90, 64],
  ])('A = U·diag(s)·Vᵀ, %i×%i', (m, n) => {
    const a = gaussian(m * n, 4);
    const found = solve(a, m, n);
    expect(distance(rebuild(found, m, n), a)).toBeLessThan(1e-13);
    expect(orthogonality(found.u, m, n)).toBeLessThan(1e-9);
    expect(orthogonality(found.v, n, n)).toBeLessThan(1e-13);
  });

  it('the golden rank-32 approximation', () => {
    const w = vector('W');
    const { u, s, v } = solve(transpose(w, rows, columns), columns, rows);
    const cut = { u: v, s: s.map((value, k) => (k < 32 ? value : 0)), v: u };
    expect(distance(rebuild(cut, rows, columns), vector('svd_r32'))).toBeLessThan(1e-6);
  });
});

describe('svd', () => {
  it('takes wide matrices as they are', () => {
    const a = gaussian(12 * 50, 4);
    const { u, s, v } = svd(a, 12, 50);
    expect([u.length, s.length, v.length]).toEqual([144, 12, 600]);
    expect(distance(rebuild({ u, s, v }, 12, 50), a)).toBeLessThan(1e-13);
    expect(orthogonality(u, 12, 12)).toBeLessThan(1e-13);
  });

  it('agrees with Jacobi rotations on values down to 1e-12 of the largest', () => {
    const [m, n] = [40, 30];
    const a = withSpectrum(
      m,
      n,
      Array.from({ length: n }, (_, i) => 10 ** (-0.4 * i)),
    );
    const [ours, oracle] = [svd(a, m, n), jacobiSvd(a, m, n)];
    ours.s.forEach((value, i) => {
      // Each is off by the rounding of sums over m entries at most.
      expect(Math.abs(value - oracle.s[i])).toBeLessThan(m * 2 ** -53);
    });
    expect(orthogonality(ours.u, m, n)).toBeLessThan(1e-7);
    expect(distance(rebuild(ours, m, n), a)).toBeLessThan(Math.sqrt(n) * 2 ** -41);
  });

  it('equal singular values: any basis, orthonormal', () => {
    const a = withSpectrum(40, 30, new Array<number>(30).fill(2));
    const found = svd(a, 40, 30);
    found.s.forEach((value) => expect(value).toBeCloseTo(2, 12));
    expect(orthogonality(found.u, 40, 30)).toBeLessThan(1e-13);
    expect(distance(rebuild(found, 40, 30), a)).toBeLessThan(1e-13);
  });

  it('a matrix of rank 3 has three values, and zero columns of U for the rest', () => {
    const a = withSpectrum(40, 30, [5, 4, 3]);
    const found = svd(a, 40, 30);
    [5, 4, 3].forEach((value, i) => expect(found.s[i]).toBeCloseTo(value, 12));
    found.s.slice(3).forEach((value) => expect(value).toBeLessThan(1e-13));
    expect(distance(rebuild(found, 40, 30), a)).toBeLessThan(1e-13);
    expect(found.u.every(Number.isFinite)).toBe(true);
  });

  it('nothing but zeros', () => {
    const { u, s, v } = svd(new Float32Array(20), 5, 4);
    expect([...u, ...s].every((value) => value === 0)).toBe(true);
    expect(orthogonality(v, 4, 4)).toBe(0);
  });

  it('the same matrix gives the same bits', () => {
    const a = gaussian(60 * 40, 8);
    const [first, second] = [svd(a, 60, 40), svd(a, 60, 40)];
    expect(differing(first.u, second.u) + differing(first.v, second.v)).toBe(0);
  });
});

describe('randomizedSvd', () => {
  const random = (): { next: () => number } => ({ next: uniform(5) });

  it('finds a decaying spectrum, reproducibly', () => {
    const [m, n, rank] = [90, 70, 8];
    const s = Array.from({ length: n }, (_, i) => 0.7 ** i);
    const a = Float32Array.from(withSpectrum(m, n, s));
    const sketch = randomizedSvd(a, m, n, rank, random());
    sketch.s.forEach((value, i) => expect(value / s[i]).toBeCloseTo(1, 5));
    const best = Math.hypot(...s.slice(rank)) / Math.hypot(...s);
    expect(distance(rebuild(sketch, m, n), a) / best).toBeLessThan(1.01);
    expect(orthogonality(sketch.u, m, rank)).toBeLessThan(1e-5);
    expect(orthogonality(sketch.v, n, rank)).toBeLessThan(1e-7);
    expect(randomizedSvd(a, m, n, rank, random())).toEqual(sketch);
  });

  it('a matrix of lower rank than asked is rebuilt', () => {
    const a = Float32Array.from(withSpectrum(40, 30, [3, 2, 1]));
    const sketch: Svd = randomizedSvd(a, 40, 30, 10, random());
    expect(distance(rebuild(sketch, 40, 30), a)).toBeLessThan(1e-6);
  });

  it('zeros stay zeros', () => {
    const { u, s } = randomizedSvd(new Float32Array(40 * 30), 40, 30, 4, random());
    expect([...u, ...s].every((value) => value === 0)).toBe(true);
  });
});
