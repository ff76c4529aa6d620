import {
  alpsScale,
  Penalty,
  UPDATE,
  type AlpsOptions,
  type AlpsResult,
  type AlpsShape,
} from './alps-problem.ts';
import { keepAllBut } from './rank-select.ts';
import { keepLargestOfEach } from './select.ts';

/** Oracle of `alps`: the paper's B, D and V one by one, unblocked, in float64. */
export function alpsOracle(
  weight: Float32Array,
  h: Float32Array,
  shape: AlpsShape,
  options: AlpsOptions,
): AlpsResult {
  const { columns: n, rows } = shape;
  let g = new Float64Array(0);
  const { scale, damping } = alpsScale(h, n, options.damping ?? 0.01, (s) => {
    g = Float64Array.from(h, (value, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return i === j ? 1 : value / (s[i] * s[j]);
    });
    const l = factor(g, n, 0);
    return typeof l === 'number' ? l : -1;
  });
  const first = Float64Array.from(weight, (w, i) => w * scale[i % n]);
  const y = times(first, g, n);
  const { b, steps } = alternate(first, y, g, shape, options);
  const keep = largest(b, shape, options);
  const x = refine(masked(b, keep), y, g, keep, rows, options.refinements ?? 10);
  return { values: Float32Array.from(x, (v, i) => v / scale[i % n]), keep, steps, damping };
}

function alternate(
  first: Float64Array,
  y: Float64Array,
  g: Float64Array,
  shape: AlpsShape,
  options: AlpsOptions,
): { readonly b: Float64Array; readonly steps: number } {
  const [n, most] = [shape.columns, options.steps ?? 300];
  const penalty = new Penalty(shape.keeps);
  let keep = largest(first, shape, options);
  let d = masked(first, keep);
  let v = new Float64Array(first.length);
  let b = first;
  let l = factor(g, n, penalty.rho);
  for (let step = 1, before = keep; step <= most; step++) {
    const { rho } = penalty;
    b = solved(
      y.map((value, i) => value - v[i] + rho * d[i]),
      l,
      n,
    );
    const t = b.map((value, i) => value + v[i] / rho);
    keep = largest(t, shape, options);
    d = masked(t, keep);
    v = v.map((value, i) => value + rho * (b[i] - d[i]));
    if (step % UPDATE !== 0) continue;
    const next = penalty.look(keep.filter((k, i) => k !== before[i]).length, step);
    before = keep;
    if (next === 'end') return { b, steps: step };
    if (next === 'begin again') {
      d = masked(first, largest(first, shape, options));
      v = v.fill(0);
    }
    l = factor(g, n, penalty.rho);
  }
  return { b, steps: most };
}

/** Conjugate gradients for X·G = Y on the support, row by row. */
function refine(
  start: Float64Array,
  y: Float64Array,
  g: Float64Array,
  keep: Uint8Array,
  rows: number,
  steps: number,
): Float64Array {
  const n = start.length / rows;
  const out = start.slice();
  for (let row = 0; row < rows; row++) {
    const [from, end] = [row * n, (row + 1) * n];
    const own = keep.subarray(from, end);
    const x = out.subarray(from, end);
    const product = times(x, g, n);
    let r = masked(
      y.slice(from, end).map((value, i) => value - product[i]),
      own,
    );
    let p = r;
    for (let step = 0; step < steps; step++) {
      const q = times(p, g, n);
      const [before, curvature] = [dot(r, r), dot(p, q)];
      if (before === 0 || curvature <= 0) break;
      const alpha = before / curvature;
      for (let i = 0; i < n; i++) x[i] += alpha * p[i];
      r = masked(
        r.map((value, i) => value - alpha * q[i]),
        own,
      );
      const beta = dot(r, r) / before;
      p = r.map((value, i) => value + beta * p[i]);
    }
  }
  return out;
}

function largest(values: Float64Array, shape: AlpsShape, { pattern }: AlpsOptions): Uint8Array {
  const { rows, columns, keeps } = shape;
  const single = Float32Array.from(values);
  if (typeof pattern === 'number') return keepAllBut(single, values.length - keeps);
  return keepLargestOfEach(single, rows, columns, pattern);
}

function masked(values: Float64Array, keep: Uint8Array): Float64Array {
  return values.map((value, i) => value * keep[i]);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/** B·G for rows of n. */
function times(b: Float64Array, g: Float64Array, n: number): Float64Array {
  const out = new Float64Array(b.length);
  for (let start = 0; start < b.length; start += n)
    for (let k = 0; k < n; k++) {
      const factorOf = b[start + k];
      if (factorOf === 0) continue;
      for (let j = 0; j < n; j++) out[start + j] += factorOf * g[k * n + j];
    }
  return out;
}

/** L with L·Lᵀ = G + ρI, or the column whose pivot was not > 0. */
function factor(g: Float64Array, n: number, rho: number): Float64Array | number {
  const l = g.slice();
  for (let j = 0; j < n; j++) {
    l[j * n + j] += rho;
    for (let i = j; i < n; i++) {
      let sum = l[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i > j) l[i * n + j] = sum / l[j * n + j];
      else if (sum > 0) l[j * n + j] = Math.sqrt(sum);
      else return j;
    }
  }
  return l;
}

/** B·(L·Lᵀ)⁻¹ for rows of n. */
function solved(b: Float64Array, l: Float64Array | number, n: number): Float64Array {
  if (typeof l === 'number') throw new Error('G was factored with less.');
  const out = b.slice();
  for (let start = 0; start < b.length; start += n) {
    const x = out.subarray(start, start + n);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i] -= l[i * n + k] * x[k];
      x[i] /= l[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i] -= l[k * n + i] * x[k];
      x[i] /= l[i * n + i];
    }
  }
  return out;
}
