import { describe, expect, it } from 'vitest';
import { gemmOracle } from './gemm-oracle.ts';
import { gemm } from './gemm.ts';
import { accumulateSecondMoments, secondMomentsOracle } from './syrk.ts';
import { activations, differing, gaussian } from './testing.ts';

/** |C − C*| against the bound of float32 sums in runs of 256: (256 + k/256 + 2)·2⁻²⁴·|A||B|. */
function excess(c: Float32Array, exact: Float32Array, size: Float32Array, k: number): number {
  const unit = (Math.min(k, 256) + k / 256 + 2) * 2 ** -24;
  return c.reduce((w, v, i) => Math.max(w, Math.abs(v - exact[i]) / (unit * size[i] + 1e-30)), 0);
}

const SIZES = [
  [1, 1, 1],
  [4, 8, 2],
  [3, 5, 7],
  [13, 9, 300],
  [130, 21, 40],
  [37, 530, 19],
  [128, 128, 257],
];

describe.each([
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
])('gemm %o', ({ transposeA, transposeB }) => {
  it.each(SIZES)('%i×%i×%i is within float32 rounding of the oracle', (m, n, k) => {
    const [a, b, before] = [gaussian(m * k, 1), gaussian(k * n, 2), gaussian(m * n, 3)];
    const exact = before.slice();
    gemmOracle(m, n, k, -0.5, a, transposeA, b, transposeB, exact);
    const size = before.map(Math.abs);
    gemmOracle(m, n, k, 0.5, a.map(Math.abs), transposeA, b.map(Math.abs), transposeB, size);
    const options = { transposeA, transposeB, alpha: -0.5, accumulate: before.slice() };
    expect(excess(gemm(m, n, k, a, b, options), exact, size, k)).toBeLessThan(1);
  });
});

describe('gemm', () => {
  it('products of small integers are exact', () => {
    const a = gaussian(50 * 60, 4).map(Math.round);
    const b = gaussian(60 * 70, 5).map(Math.round);
    const exact = new Float32Array(50 * 70);
    gemmOracle(50, 70, 60, 1, a, false, b, false, exact);
    expect(differing(gemm(50, 70, 60, a, b), exact)).toBe(0);
  });
});

describe('accumulateSecondMoments', () => {
  it.each([
    [5, 3],
    [300, 64],
    [77, 270],
    [600, 33],
  ])('%i rows of %i columns', (rows, columns) => {
    const x = activations(rows, columns, 6);
    const h = new Float32Array(columns * columns);
    const exact = new Float32Array(columns * columns);
    const size = new Float32Array(columns * columns);
    for (let batch = 0; batch < 2; batch++) {
      accumulateSecondMoments(h, x, rows, columns);
      secondMomentsOracle(exact, x, rows, columns);
      secondMomentsOracle(size, x.map(Math.abs), rows, columns);
    }
    expect(excess(h, exact, size, 2 * rows)).toBeLessThan(1);
    let asymmetric = 0;
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < i; j++) asymmetric += h[i * columns + j] === h[j * columns + i] ? 0 : 1;
    expect(asymmetric).toBe(0);
  });
});
