import { describe, expect, it } from 'vitest';
import {
  columns,
  relativeOutputError,
  rows,
  tokens,
  vector,
} from '../../../../../test/golden/load.ts';
import { sparseCase } from '../../../../../test/golden/sparse.ts';
import { pruneWanda, type Pattern } from '../../../kernels/select.ts';
import { createMean, type Means } from '../../../statistics/mean/mean.ts';
import { swapWeights } from './swaps.ts';

const W = vector('W');
const X = vector('X');
const CHUNKS = 8;
const norms = vector('wanda_sr').map(Math.sqrt);

/** The reference's statistics: the variance is the mean of those within each chunk. */
const chunks: Means[] = Array.from({ length: CHUNKS }, (_, chunk) => {
  const mean = createMean(columns);
  const size = (tokens / CHUNKS) * columns;
  mean.add(X.subarray(chunk * size, (chunk + 1) * size), tokens / CHUNKS);
  return mean.finish();
});
const average = (pick: (means: Means) => Float32Array) =>
  Float32Array.from({ length: columns }, (_, j) => {
    return chunks.reduce((sum, means) => sum + pick(means)[j], 0) / CHUNKS;
  });
const sums = average(({ values }) => values).map((mean) => (mean * tokens) / CHUNKS);
const variances = average((means) => means.variances);

const CASES: { name: string; pattern: Pattern; sameSign: boolean; stored: boolean }[] = [
  { name: 'dsnot_wanda_50', pattern: 0.5, sameSign: false, stored: true },
  { name: 'dsnot_wanda_2_4', pattern: { n: 2, m: 4 }, sameSign: false, stored: true },
  { name: 'dsnot_wanda_60', pattern: 0.6, sameSign: false, stored: false },
  { name: 'dsnot_wanda_50_samesign', pattern: 0.5, sameSign: true, stored: false },
];

describe.each(CASES)('$name', ({ name, pattern, sameSign, stored }) => {
  const wanda = pruneWanda(W, rows, columns, norms, pattern);
  const keep = wanda.slice();
  const options = { pattern, swaps: 50, threshold: 0.1, sameSign, guarded: false };
  const swapped = swapWeights(
    W,
    keep,
    { norms, sums, variances, tokens: tokens / CHUNKS },
    options,
  );
  const values = W.map((w, i) => w * keep[i]);

  it('makes the reference’s swaps', () => {
    const { rel_out_err: error, swaps } = sparseCase(name);
    expect(Math.abs(swapped - (swaps ?? NaN))).toBeLessThanOrEqual(1);
    expect(Math.abs(relativeOutputError(W, values) / error - 1)).toBeLessThan(0.001);
    if (!stored) return;
    const expected = vector(name);
    const equal = values.filter((v, i) => (v === 0) === (expected[i] === 0)).length;
    expect(equal / values.length).toBeGreaterThanOrEqual(0.999);
  });

  it('keeps as many in every row, and the mean of every output is nearer to what it was', () => {
    const error = (mask: Uint8Array, r: number) => {
      let sum = 0;
      for (let j = 0; j < columns; j++)
        if (mask[r * columns + j] === 0) sum += W[r * columns + j] * sums[j];
      return Math.abs(sum);
    };
    let [before, after] = [0, 0];
    for (let r = 0; r < rows; r++) {
      const count = (mask: Uint8Array) =>
        mask.subarray(r * columns, (r + 1) * columns).reduce((a, b) => a + b, 0);
      expect(count(keep)).toBe(count(wanda));
      before += error(wanda, r);
      after += error(keep, r);
    }
    expect(after).toBeLessThan(0.3 * before);
  });
});

it('guarded, it swaps less and does not raise the squared error as the paper’s rule does', () => {
  const options = { pattern: 0.5, swaps: 50, threshold: 0.1, sameSign: false };
  const errors = [true, false].map((guarded) => {
    const keep = pruneWanda(W, rows, columns, norms, 0.5);
    const known = { norms, sums, variances, tokens: tokens / CHUNKS };
    const swapped = swapWeights(W, keep, known, { ...options, guarded });
    return {
      swapped,
      error: relativeOutputError(
        W,
        W.map((w, i) => w * keep[i]),
      ),
    };
  });
  expect(errors[0].swapped).toBeGreaterThan(0);
  expect(errors[0].swapped).toBeLessThan(errors[1].swapped);
  expect(errors[0].error).toBeLessThan(errors[1].error);
});
