import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '../random/seeded.ts';
import { gramColumn, packedCholesky, packedInverse, rowStart } from './packed.ts';

/** XᵀX + I of a random X, packed, and as a full matrix. */
function positive(n: number): { packed: Float64Array; at: (i: number, j: number) => number } {
  const random = seededRandom(3, `positive ${n}`);
  const x = Float64Array.from({ length: 2 * n * n }, () => normal(random));
  const packed = new Float64Array(rowStart(n));
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 : 0;
      for (let r = 0; r < 2 * n; r++) sum += x[r * n + i] * x[r * n + j];
      packed[rowStart(i) + j] = sum;
    }
  const a = packed.slice();
  return { packed, at: (i, j) => a[rowStart(Math.max(i, j)) + Math.min(i, j)] };
}

/** Sizes around the rows that are handled together. */
const SIZES = [1, 2, 3, 4, 5, 7, 8, 13, 37];

describe.each(SIZES)('packed matrices of %i columns', (n) => {
  it('L·Lᵀ is A', () => {
    const { packed: l, at } = positive(n);
    expect(packedCholesky(l, n)).toBe(true);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k <= j; k++) sum += l[rowStart(i) + k] * l[rowStart(j) + k];
        expect(Math.abs(sum - at(i, j))).toBeLessThan(n * 2 ** -50 * at(i, i) * at(j, j));
      }
  });

  it('MᵀM with M = L⁻¹ is A⁻¹', () => {
    const { packed: m, at } = positive(n);
    packedCholesky(m, n);
    packedInverse(m, n);
    for (let j = 0; j < n; j++) {
      const column = gramColumn(m, n, j);
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += at(i, k) * column[k];
        expect(Math.abs(sum - (i === j ? 1 : 0))).toBeLessThan(n * n * 2 ** -46);
      }
    }
  });
});

it('says that a matrix is not positive definite', () => {
  expect(packedCholesky(Float64Array.of(1, 2, 1), 2)).toBe(false);
  expect(packedCholesky(new Float64Array(1), 1)).toBe(false);
  expect(packedCholesky(Float64Array.of(NaN), 1)).toBe(false);
});
