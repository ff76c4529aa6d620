import { describe, expect, it } from 'vitest';
import { plainDoubles } from '../kernels/doubles.ts';
import { differing, gaussian } from '../kernels/testing.ts';
import { symmetricEigen } from './eigen.ts';
import { jacobiEigen } from './jacobi-eigen.ts';
import { qr } from './qr.ts';
import { distance, identity, positiveDefinite, product, transpose } from './testing.ts';
import { tridiagonalEigen } from './divide-conquer.ts';

/** ‖AV − VΛ‖ and ‖VᵀV − I‖, the first relative to the size of A. */
function residuals(a: ArrayLike<number>, n: number, eigen = symmetricEigen(a, n)) {
  const { values, vectors } = eigen;
  const scaled = vectors.map((value, i) => value * values[i % n]);
  const size = Math.hypot(...Array.from(a)) || 1;
  const left = product(a, vectors, n, n, n);
  const off = product(transpose(vectors, n, n), vectors, n, n, n);
  return {
    backward: Math.hypot(...left.map((value, i) => value - scaled[i])) / size,
    orthogonality: Math.hypot(...off.map((value, i) => value - identity(n)[i])),
  };
}

function symmetric(n: number, seed: number): Float64Array {
  const g = gaussian(n * n, seed);
  return Float64Array.from(g, (_, i) => g[i] + g[(i % n) * n + Math.floor(i / n)]);
}

/** Q·diag(λ)·Qᵀ with a random Q. */
function withSpectrum(values: readonly number[]): Float64Array {
  const n = values.length;
  const { q } = qr(gaussian(n * n, 9), n, n);
  const scaled = q.map((value, i) => value * values[i % n]);
  const a = product(scaled, transpose(q, n, n), n, n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i];
  return a;
}

const SPECTRA: Record<string, readonly number[]> = {
  'all equal': new Array<number>(40).fill(3),
  'two values': Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? -1 : 2)),
  'clusters 1e-14 apart': Array.from({ length: 60 }, (_, i) => (i % 4) + i * 1e-14),
  'rank 5': Array.from({ length: 70 }, (_, i) => (i < 5 ? 5 - i : 0)),
  'falling to 1e-30': Array.from({ length: 50 }, (_, i) => 4 ** -i),
  'of both signs, huge': Array.from({ length: 33 }, (_, i) => 1e200 * (i - 16)),
  tiny: Array.from({ length: 33 }, (_, i) => 1e-200 * (i + 1)),
};

describe.each([
  { name: 'symmetricEigen', solve: symmetricEigen, sizes: [1, 2, 3, 24, 25, 60, 97] },
  { name: 'jacobiEigen', solve: jacobiEigen, sizes: [1, 2, 3, 25] },
])('$name', ({ solve, sizes }) => {
  it.each(sizes)('A = V·diag(λ)·Vᵀ, n = %i', (n) => {
    for (const a of [symmetric(n, 5), positiveDefinite(n)]) {
      const eigen = solve(a, n);
      const { backward, orthogonality } = residuals(a, n, eigen);
      expect(backward).toBeLessThan(8 * n * 2 ** -53);
      expect(orthogonality).toBeLessThan(16 * n * 2 ** -53);
      expect([...eigen.values]).toEqual([...eigen.values].sort((x, y) => y - x));
    }
  });

  it('knows a spectrum given by hand', () => {
    const { values } = solve([2, 1, 0, 1, 2, 0, 0, 0, -5], 3);
    [3, 1, -5].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 12));
  });
});

describe('symmetricEigen', () => {
  it.each(Object.entries(SPECTRA))('finds a spectrum that is %s', (_, spectrum) => {
    const n = spectrum.length;
    const a = withSpectrum(spectrum);
    const eigen = symmetricEigen(a, n);
    const wanted = spectrum.toSorted((x, y) => y - x);
    const size = Math.max(...spectrum.map(Math.abs));
    wanted.forEach((value, i) => {
      expect(Math.abs(eigen.values[i] - value) / size).toBeLessThan(4 * n * 2 ** -53);
    });
    const unit = a.map((value) => value / size);
    const values = eigen.values.map((value) => value / size);
    const { backward, orthogonality } = residuals(unit, n, { ...eigen, values });
    expect(backward).toBeLessThan(8 * n * 2 ** -53);
    expect(orthogonality).toBeLessThan(16 * n * 2 ** -53);
  });

  it('a diagonal matrix and one of zeros have unit vectors', () => {
    const n = 30;
    const diagonal = identity(n).map((value, i) => value * (i % 7));
    for (const a of [diagonal, new Float64Array(n * n)]) {
      const { backward, orthogonality } = residuals(a, n);
      expect([backward, orthogonality]).toEqual([0, 0]);
    }
  });

  it("Wilkinson's matrix has pairs that agree to 14 digits, and orthogonal vectors still", () => {
    const n = 81;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = Math.abs(i - 40);
      if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = 1;
    }
    const { values } = symmetricEigen(a, n);
    expect(values[0] - values[1]).toBeLessThan(1e-13);
    expect(residuals(a, n).orthogonality).toBeLessThan(16 * n * 2 ** -53);
  });

  it('reads the upper half alone, leaves its input and gives the same bits again', () => {
    const n = 70;
    const a = symmetric(n, 6);
    const before = a.slice();
    const first = symmetricEigen(a, n);
    expect(differing(a, before)).toBe(0);
    for (let i = 0; i < n; i++) a.fill(NaN, i * n, i * n + i);
    const second = symmetricEigen(a, n);
    expect(differing(first.values, second.values)).toBe(0);
    expect(differing(first.vectors, second.vectors)).toBe(0);
  });

  it('the trace is the sum and the Frobenius norm that of the values, n = 300', () => {
    const n = 300;
    const a = symmetric(n, 7);
    const { values } = symmetricEigen(a, n);
    let trace = 0;
    for (let i = 0; i < n; i++) trace += a[i * n + i];
    const sum = values.reduce((total, value) => total + value, 0);
    expect(Math.abs(sum - trace)).toBeLessThan(n * n * 2 ** -50);
    expect(Math.hypot(...values) / Math.hypot(...a)).toBeCloseTo(1, 12);
  });

  it('refuses what is not finite', () => {
    const a = identity(3);
    a[5] = NaN;
    expect(() => symmetricEigen(a, 3)).toThrow(
      'A 3×3 matrix has no eigenvalues because it holds NaN or infinity, first in row 1, column 2: look for broken weights or calibration data.',
    );
  });
});

describe('tridiagonalEigen', () => {
  it.each([0, 1, -1e-3, 1e-17])('halves joined by %s come out as without kernels', (rho) => {
    const n = 64;
    const off = Float64Array.from(gaussian(n - 1, 3));
    off[31] = rho;
    const diagonal = Float64Array.from(gaussian(n, 4));
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = diagonal[i];
      if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = off[i - 1];
    }
    const doubles = plainDoubles(new Float64Array(3 * n * n));
    const values = diagonal.slice();
    tridiagonalEigen(doubles, { n, values, z: 0, room: n * n }, off);
    const vectors = transpose(doubles.heap.subarray(0, n * n), n, n);
    const { backward, orthogonality } = residuals(a, n, { values, vectors });
    expect(backward).toBeLessThan(8 * n * 2 ** -53);
    expect(orthogonality).toBeLessThan(16 * n * 2 ** -53);
    expect(distance(values.toSorted(), symmetricEigen(a, n).values.toSorted())).toBeLessThan(1e-13);
  });
});
