import { describe, expect, it } from 'vitest';
import { columns, relativeOutputError, rows, vector } from '../../../test/golden/load.ts';
import { sparseCase } from '../../../test/golden/sparse.ts';
import { CancelledError } from '../errors/lathe-error.ts';
import { alpsOracle } from './alps-oracle.ts';
import { alps, alpsKeeps, type AlpsOptions } from './alps.ts';
import { quadraticForm } from './quadratic-form.ts';
import { sparseGpt } from './sparsegpt.ts';
import { SpdStrips } from './spd-strips.ts';
import { fromStrips, toStrips } from './strip-values.ts';
import { kernels } from './load.ts';
import { accumulateSecondMoments } from './syrk.ts';
import { activations, gaussian } from './testing.ts';

const W = vector('W');

const GOLDEN: Record<string, AlpsOptions> = {
  alps_50: { pattern: 0.5 },
  alps_70: { pattern: 0.7 },
  alps_2_4: { pattern: { n: 2, m: 4 } },
};

describe.each(Object.entries(GOLDEN))('%s', (name, options) => {
  const { values, keep } = alps(W, rows, columns, vector('H'), options);

  it('is not worse than the reference by more than one percent', () => {
    expect(relativeOutputError(W, values)).toBeLessThan(1.01 * sparseCase(name).rel_out_err);
  });

  it('keeps what the reference keeps, for 97 percent', () => {
    const expected = vector(name);
    const kept = expected.reduce((sum, v) => sum + (v === 0 ? 0 : 1), 0);
    const both = expected.reduce((sum, v, i) => sum + (v !== 0 && keep[i] === 1 ? 1 : 0), 0);
    expect(both / kept).toBeGreaterThan(0.97);
  });

  it('keeps as many as planned, and the rest is zero', () => {
    expect(keep.reduce((sum, k) => sum + k, 0)).toBe(alpsKeeps(rows, columns, options.pattern));
    expect(values.every((v, i) => keep[i] === 1 || v === 0)).toBe(true);
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

const VARIANTS: (AlpsOptions & { readonly shape: readonly [number, number] })[] = [
  { shape: [20, 100], pattern: 0.5 },
  { shape: [7, 150], pattern: 0.9 },
  { shape: [17, 96], pattern: { n: 1, m: 3 } },
  { shape: [5, 130], pattern: { n: 3, m: 5 } },
];

describe('alps', () => {
  it.each(VARIANTS)('has less output error than SparseGPT: %o', ({ shape: [r, c], ...options }) => {
    const { w, h } = layer(r, c);
    const error = (values: Float32Array) =>
      quadraticForm(
        w.map((v, i) => v - values[i]),
        h,
        c,
      );
    const { values, keep } = alps(w, r, c, h, options);
    expect(error(values)).toBeLessThan(error(sparseGpt(w, r, c, h, options).values));
    expect(keep.reduce((sum, k) => sum + k, 0)).toBe(alpsKeeps(r, c, options.pattern));
    if (typeof options.pattern === 'number') return;
    const { n, m } = options.pattern;
    for (let start = 0; start < keep.length; start += m)
      expect(keep.subarray(start, start + m).reduce((a, b) => a + b, 0)).toBe(n);
  });

  it.each(VARIANTS)('finds what its oracle finds: %o', ({ shape: [r, c], ...options }) => {
    const { w, h } = layer(r, c);
    const shape = { rows: r, columns: c, keeps: alpsKeeps(r, c, options.pattern) };
    const [ours, reference] = [alps(w, r, c, h, options), alpsOracle(w, h, shape, options)];
    const error = (values: Float32Array) =>
      quadraticForm(
        w.map((v, i) => v - values[i]),
        h,
        c,
      );
    const other = ours.keep.filter((k, i) => k !== reference.keep[i]).length;
    // Another order of summation changes up to 0.9 % of the reference's own mask.
    expect(other / ours.keep.length).toBeLessThan(0.02);
    expect(Math.abs(error(ours.values) / error(reference.values) - 1)).toBeLessThan(0.02);
  });

  it('keeps as many as planned of a weight that is mostly zero', () => {
    const { w, h, rows: r, columns: c } = layer(21, 50);
    w.fill(0, 2 * c);
    const { keep } = alps(w, r, c, h, { pattern: 0.5 });
    expect(keep.reduce((sum, k) => sum + k, 0)).toBe(alpsKeeps(r, c, 0.5));
  });

  it('refining on the support lowers what it solves for, the error under the damped moments', () => {
    const { w, h, rows: r, columns: c } = layer(16, 128);
    const mean = h.reduce((sum, v, i) => sum + (i % (c + 1) === 0 ? v : 0), 0) / c;
    const damped = h.map((v, i) => (i % (c + 1) === 0 ? v + 0.01 * mean : v));
    const error = (refinements: number) => {
      const { values } = alps(w, r, c, h, { pattern: 0.7, steps: 3, refinements });
      return quadraticForm(
        w.map((v, i) => v - values[i]),
        damped,
        c,
      );
    };
    expect(error(10)).toBeLessThan(0.95 * error(0));
  });

  it('bears columns that are never active, and changes neither input', () => {
    const { w, h, rows: r, columns: c } = layer(6, 48);
    for (let j = 0; j < c; j++) h[7 * c + j] = h[j * c + 7] = 0;
    const before = { w: w.slice(), h: h.slice() };
    const { values } = alps(w, r, c, h, { pattern: 0.5 });
    expect(values.every(Number.isFinite)).toBe(true);
    expect({ w, h }).toEqual(before);
  });

  it('at a sparsity of 0 is the weight itself, at 1 nothing', () => {
    const { w, h, rows: r, columns: c } = layer(4, 32);
    expect(alps(w, r, c, h, { pattern: 0 }).values).toEqual(w);
    expect(alps(w, r, c, h, { pattern: 1 }).values.every((v) => v === 0)).toBe(true);
  });

  it('refuses second moments that are damaged', () => {
    const { w, h, rows: r, columns: c } = layer(4, 32);
    h[5 * c + 5] = NaN;
    expect(() => alps(w, r, c, h, { pattern: 0.5 })).toThrow(
      'The 32×32 second moments could not be factored even with damping 0.01: they are damaged or hold values that are not numbers; collect the statistics again with more calibration rows.',
    );
  });

  it('reports progress and stops when cancelled', () => {
    const { w, h, rows: r, columns: c } = layer(4, 64);
    const controller = new AbortController();
    let calls = 0;
    const progress = (): void => {
      if (++calls === 2) controller.abort();
    };
    const { signal } = controller;
    expect(() => alps(w, r, c, h, { pattern: 0.5 }, { signal, progress })).toThrow(CancelledError);
    expect(calls).toBe(2);
  });
});

it.each([40, 130, 300])('solves and multiplies: n = %i', (n) => {
  const { h } = layer(1, n);
  const wasm = kernels();
  if (wasm === undefined) throw new Error('This machine has no WebAssembly SIMD.');
  const scale = Float64Array.from({ length: n }, (_, j) => 1 / Math.sqrt(h[j * (n + 1)]));
  const g = h.map((value, i) => value * scale[Math.floor(i / n)] * scale[i % n]);
  const [rows, one] = [21, new Float64Array(n).fill(1)];
  const b = gaussian(rows * n, 3);
  wasm.arena.scope(() => {
    const spd = new SpdStrips(wasm, (i, j) => g[i * n + j], n, 2);
    const shape = { rows, columns: n };
    const [p, q] = [0, 1].map(() => wasm.arena.alloc(4 * 32 * spd.width));
    const read = (at: number) => wasm.arena.floats(at, 32 * spd.width);
    toStrips(b, shape, spd.width, read(p), one);
    expect(spd.factor(0.1)).toBe(-1);
    spd.solve(p);
    spd.useProduct();
    spd.multiply(p, q);
    // X·G + 0.1·X is B again.
    const [x, product] = [p, q].map((at) => fromStrips(read(at), shape, spd.width));
    const largest = Math.max(...b.map(Math.abs));
    product.forEach((value, i) => {
      expect(Math.abs(value + 0.1 * x[i] - b[i])).toBeLessThan(n * 2 ** -18 * largest);
    });
  });
});
