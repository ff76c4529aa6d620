import { describe, expect, it } from 'vitest';
import { columns, rows, vector } from '../../../test/golden/load.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { activations, gaussian, uniform } from '../kernels/testing.ts';
import { secondMomentsOracle } from '../kernels/syrk.ts';
import { cholesky, choleskyOracle, solveLower } from './cholesky.ts';
import { symmetricEigen } from './eigen.ts';
import { hadamardTransform } from './hadamard.ts';
import { qr } from './qr.ts';
import { jacobiSvd, randomizedSvd, type Svd } from './svd.ts';

type Matrix = ArrayLike<number>;

function product(a: Matrix, b: Matrix, m: number, k: number, n: number): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++)
      for (let j = 0; j < n; j++) c[i * n + j] += a[i * k + p] * b[p * n + j];
  return c;
}

function transpose(a: Matrix, m: number, n: number): Float64Array {
  return Float64Array.from({ length: m * n }, (_, i) => a[(i % m) * n + Math.floor(i / m)]);
}

/** ‖a − b‖_F / ‖b‖_F */
function distance(a: Matrix, b: Matrix): number {
  let difference = 0;
  let total = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    total += b[i] ** 2;
  }
  return Math.sqrt(difference / total);
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
}

/** XᵀX of correlated activations with 1 % damping: what GPTQ factors. */
function positiveDefinite(n: number): Float32Array {
  const h = new Float32Array(n * n);
  secondMomentsOracle(h, activations(n + 20, n, 7), n + 20, n);
  let trace = 0;
  for (let i = 0; i < n; i++) trace += h[i * n + i];
  for (let i = 0; i < n; i++) h[i * n + i] += (0.01 * trace) / n;
  return h;
}

function rebuild({ u, s, v }: Svd, m: number, n: number): Float64Array {
  const k = s.length;
  const scaled = u.map((value, i) => value * s[i % k]);
  return product(scaled, transpose(v, n, k), m, k, n);
}

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

describe('symmetricEigen', () => {
  it.each([1, 2, 10, 60])('A = V·diag(λ)·Vᵀ, n = %i', (n) => {
    const a = positiveDefinite(n);
    const { values, vectors } = symmetricEigen(a, n);
    const scaled = vectors.map((value, i) => value * values[i % n]);
    expect(distance(product(scaled, transpose(vectors, n, n), n, n, n), a)).toBeLessThan(1e-12);
    expect(distance(product(transpose(vectors, n, n), vectors, n, n, n), identity(n))).toBeLessThan(
      1e-12,
    );
    expect([...values]).toEqual([...values].sort((x, y) => y - x));
  });

  it('knows a spectrum given by hand', () => {
    const { values } = symmetricEigen([2, 1, 0, 1, 2, 0, 0, 0, -5], 3);
    [3, 1, -5].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 12));
  });
});

describe('svd', () => {
  it.each([
    [6, 6],
    [50, 12],
  ])('jacobiSvd rebuilds %i×%i', (m, n) => {
    const a = gaussian(m * n, 4);
    const svd = jacobiSvd(a, m, n);
    expect(distance(rebuild(svd, m, n), a)).toBeLessThan(1e-13);
    expect(distance(product(transpose(svd.u, m, n), svd.u, n, m, n), identity(n))).toBeLessThan(
      1e-13,
    );
    expect(distance(product(transpose(svd.v, n, n), svd.v, n, n, n), identity(n))).toBeLessThan(
      1e-13,
    );
  });

  it('the golden rank-32 approximation', () => {
    const w = vector('W');
    const { u, s, v } = jacobiSvd(transpose(w, rows, columns), columns, rows);
    const cut = { u: v, s: s.map((value, k) => (k < 32 ? value : 0)), v: u };
    expect(distance(rebuild(cut, rows, columns), vector('svd_r32'))).toBeLessThan(1e-6);
  });

  it('the random sketch finds a decaying spectrum, reproducibly', () => {
    const [m, n, rank] = [90, 70, 8];
    const left = qr(gaussian(m * n, 1), m, n).q;
    const right = qr(gaussian(n * n, 2), n, n).q;
    const s = Float64Array.from({ length: n }, (_, i) => 0.7 ** i);
    const a = Float32Array.from(rebuild({ u: left, s, v: right }, m, n));
    const sketch = randomizedSvd(a, m, n, rank, { next: uniform(5) });
    sketch.s.forEach((value, i) => expect(value / s[i]).toBeCloseTo(1, 5));
    const best = Math.sqrt(s.slice(rank).reduce((sum, x) => sum + x * x, 0) / dotSelf(s));
    expect(distance(rebuild(sketch, m, n), a) / best).toBeLessThan(1.01);
    expect(randomizedSvd(a, m, n, rank, { next: uniform(5) })).toEqual(sketch);
  });

  it('a matrix of lower rank than asked is rebuilt', () => {
    const a = Float32Array.from(product(gaussian(40 * 3, 1), gaussian(3 * 30, 2), 40, 3, 30));
    const sketch = randomizedSvd(a, 40, 30, 10, { next: uniform(1) });
    expect(distance(rebuild(sketch, 40, 30), a)).toBeLessThan(1e-6);
  });
});

function dotSelf(s: Float64Array): number {
  return s.reduce((sum, x) => sum + x * x, 0);
}

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
