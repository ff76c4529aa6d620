import { describe, expect, it } from 'vitest';
import {
  columns,
  goldenCase,
  relativeOutputError,
  rows,
  vector,
} from '../../../test/golden/load.ts';
import { sparseCase } from '../../../test/golden/sparse.ts';
import { CancelledError } from '../errors/lathe-error.ts';
import { quadraticForm } from './quadratic-form.ts';
import type { Pattern } from './select.ts';
import { sparseGptOracle } from './sparsegpt-oracle.ts';
import { sparseGpt, sparseGptKeeps, type SparseGptOptions } from './sparsegpt.ts';
import { accumulateSecondMoments } from './syrk.ts';
import { activations, gaussian } from './testing.ts';

const W = vector('W');

const GOLDEN: Record<string, SparseGptOptions> = {
  sparsegpt_50: { pattern: 0.5 },
  sparsegpt_70: { pattern: 0.7 },
  sparsegpt_2_4: { pattern: { n: 2, m: 4 } },
  sparsegpt_4_8: { pattern: { n: 4, m: 8 } },
  sparsegpt_50_4b: { pattern: 0.5, grid: { bits: 4, groupSize: columns, range: 'minmax' } },
};

describe.each(Object.entries(GOLDEN))('%s', (name, options) => {
  it.each([
    { way: 'kernel', solve: sparseGpt },
    { way: 'oracle', solve: sparseGptOracle },
  ])('$way: 99.9 percent of entries within 1e-5, output error within 0.5 percent', ({ solve }) => {
    const { values } = solve(W, rows, columns, vector('H'), options);
    const expected = vector(name);
    const near = values.filter((v, i) => Math.abs(v - expected[i]) <= 1e-5).length;
    expect(near / values.length).toBeGreaterThanOrEqual(0.999);
    const { rel_out_err: reference } =
      name === 'sparsegpt_70' ? sparseCase(name) : goldenCase(name);
    expect(Math.abs(relativeOutputError(W, values) / reference - 1)).toBeLessThan(0.005);
  });
});

interface Layer {
  readonly rows: number;
  readonly columns: number;
  readonly w: Float32Array;
  readonly h: Float32Array;
}

function layer(r: number, c: number): Layer {
  const h = new Float32Array(c * c);
  accumulateSecondMoments(h, activations(2 * c, c, 13), 2 * c, c);
  return { rows: r, columns: c, w: gaussian(r * c, 12), h };
}

const solve = (l: Layer, options: SparseGptOptions) =>
  sparseGpt(l.w, l.rows, l.columns, l.h, options);

/** tr((W − Ŵ)·H·(W − Ŵ)ᵀ). */
function outputError({ w, h, columns: c }: Layer, values: Float32Array): number {
  return quadraticForm(
    w.map((v, i) => v - values[i]),
    h,
    c,
  );
}

/** Shapes and options that the golden cases leave out. */
const VARIANTS: (SparseGptOptions & { readonly shape: readonly [number, number] })[] = [
  { shape: [20, 100], pattern: 0.5 },
  { shape: [7, 200], pattern: 0.9, blockSize: 64 },
  { shape: [17, 96], pattern: { n: 1, m: 3 } },
  { shape: [5, 130], pattern: { n: 3, m: 5 } },
  { shape: [16, 192], pattern: { n: 8, m: 64 } },
  { shape: [9, 128], pattern: 0.5, grid: { bits: 4, groupSize: 32, range: 'minmax' } },
  { shape: [9, 130], pattern: 0.3, grid: { bits: 3, groupSize: 48, range: 'signed-max' } },
  { shape: [9, 128], pattern: { n: 2, m: 4 }, grid: { bits: 2, groupSize: 64, range: 'absmax' } },
];

describe.each(VARIANTS)('%o', ({ shape: [r, c], ...options }) => {
  const problem = layer(r, c);
  const ours = solve(problem, options);
  const reference = sparseGptOracle(problem.w, r, c, problem.h, options);

  it('agrees with the reference formulation', () => {
    const flipped = ours.keep.filter((k, i) => k !== reference.keep[i]).length;
    // float32 against float64: two scores on the edge may change places.
    expect(flipped / ours.keep.length).toBeLessThanOrEqual(0.004);
    const ratio = outputError(problem, ours.values) / outputError(problem, reference.values);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
  });

  it('keeps as many as the shape says, and the rest is zero', () => {
    const kept = ours.keep.reduce((sum, k) => sum + k, 0);
    expect(kept).toBe(sparseGptKeeps(r, c, options.pattern, options.blockSize));
    expect(ours.values.every((v, i) => ours.keep[i] === 1 || v === 0)).toBe(true);
  });

  it('has no group that keeps more than its n', () => {
    const { pattern } = options;
    if (typeof pattern === 'number') return expect(pattern).toBeGreaterThan(0);
    expect(violations(ours.keep, pattern)).toBe(0);
  });
});

function violations(keep: Uint8Array, pattern: Exclude<Pattern, number>): number {
  let count = 0;
  for (let start = 0; start < keep.length; start += pattern.m)
    if (keep.subarray(start, start + pattern.m).reduce((a, b) => a + b, 0) !== pattern.n) count++;
  return count;
}

describe('sparseGpt', () => {
  it('at a sparsity of 0 is the weight itself, at 1 nothing', () => {
    const problem = layer(5, 40);
    expect(solve(problem, { pattern: 0 }).values).toEqual(problem.w);
    expect(solve(problem, { pattern: 1 }).values.every((v) => v === 0)).toBe(true);
  });

  it('prunes dead columns first and changes neither input', () => {
    const problem = layer(6, 48);
    for (let j = 0; j < 48; j++) problem.h[7 * 48 + j] = problem.h[j * 48 + 7] = 0;
    const before = { w: problem.w.slice(), h: problem.h.slice() };
    const { values } = solve(problem, { pattern: 0.25 });
    expect([...values].filter((_, i) => i % 48 === 7)).toEqual(new Array(6).fill(0));
    expect([problem.w, problem.h]).toEqual([before.w, before.h]);
  });

  it('refuses a weight that is not finite', () => {
    const problem = layer(4, 16);
    problem.w[5] = NaN;
    expect(() => solve(problem, { pattern: 0.5 })).toThrow(
      'This weight holds a value that is not a finite number, so what pruning does to the output cannot be computed: repair or re-export the model, or leave this layer out.',
    );
  });

  it('reports progress and stops when cancelled', () => {
    const { rows: r, columns: c, w, h } = layer(4, 300);
    const controller = new AbortController();
    let calls = 0;
    const progress = (): void => {
      if (++calls === 2) controller.abort();
    };
    const { signal } = controller;
    expect(() => sparseGpt(w, r, c, h, { pattern: 0.5 }, { signal, progress })).toThrow(
      CancelledError,
    );
    expect(calls).toBe(2);
  });
});
