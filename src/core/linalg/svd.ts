import { gemm } from '../kernels/gemm.ts';
import { qr } from './qr.ts';

/** A ≈ U·diag(s)·Vᵀ. */
export interface Svd {
  /** [rows, rank], orthonormal columns. */
  readonly u: Float64Array;
  /** [rank], largest first. */
  readonly s: Float64Array;
  /** [columns, rank], orthonormal columns. */
  readonly v: Float64Array;
}

const MAX_SWEEPS = 60;

/**
 * Thin SVD of A [rows, columns], rows ≥ columns, by one-sided Jacobi rotations in float64: every
 * singular value to high relative accuracy, cost about 10·rows·columns² per sweep, so for columns up to
 * a few hundred. Directions of zero singular values are zero columns of U. Source: Demmel & Veselić 1992.
 */
export function jacobiSvd(a: ArrayLike<number>, rows: number, columns: number): Svd {
  const work = columnsOf(a, rows, columns);
  const v = Array.from({ length: columns }, (_, j) => {
    const column = new Float64Array(columns);
    column[j] = 1;
    return column;
  });
  for (let sweep = 0, turned = true; turned && sweep < MAX_SWEEPS; sweep++) {
    turned = false;
    for (let p = 0; p < columns; p++)
      for (let q = p + 1; q < columns; q++) turned = orthogonalise(work, v, p, q) || turned;
  }
  return collect(work, v, rows, columns);
}

/** How far the sketch goes beyond the rank asked for, and how often it is sharpened. */
export interface SketchOptions {
  readonly oversampling?: number;
  readonly iterations?: number;
}

/**
 * The leading `rank` singular triplets of A [rows, columns] from a random sketch of
 * rank + oversampling (10) directions with `iterations` (2) subspace iterations (Halko, Martinsson &
 * Tropp 2011, arXiv 0909.4061, algorithm 4.4): 6 thin float32 products instead of a full SVD. The error is
 * within a few percent of the best rank-`rank` one for decaying spectra. Same `random`, same result.
 */
export function randomizedSvd(
  a: Float32Array,
  rows: number,
  columns: number,
  rank: number,
  random: { next(): number },
  { oversampling = 10, iterations = 2 }: SketchOptions = {},
): Svd {
  const width = Math.min(rank + oversampling, rows, columns);
  let sketch = gemm(rows, width, columns, a, gaussianMatrix(columns * width, random));
  let q = orthonormal(sketch, rows, width);
  for (let step = 0; step < iterations; step++) {
    sketch = gemm(columns, width, rows, a, q, { transposeA: true });
    sketch = gemm(rows, width, columns, a, orthonormal(sketch, columns, width));
    q = orthonormal(sketch, rows, width);
  }
  const b = gemm(columns, width, rows, a, q, { transposeA: true });
  return truncate(q, qrSvd(b, columns, width), rows, columns, width, Math.min(rank, width));
}

/** SVD of tall A by QR first: the rotations then work on the small triangle. */
function qrSvd(a: Float32Array, rows: number, columns: number): Svd {
  const { q, r } = qr(a, rows, columns);
  const { u, s, v } = jacobiSvd(r, columns, columns);
  return { u: multiply(q, u, rows, columns, columns), s, v };
}

/** B = QᵀA has Bᵀ = Ub·S·Vbᵀ, so A ≈ (Q·Vb)·S·Ubᵀ. */
function truncate(
  q: Float32Array,
  b: Svd,
  rows: number,
  columns: number,
  width: number,
  rank: number,
): Svd {
  const u = multiply(q, leading(b.v, width, width, rank), rows, width, rank);
  return { u, s: b.s.slice(0, rank), v: leading(b.u, columns, width, rank) };
}

function leading(a: Float64Array, rows: number, columns: number, rank: number): Float64Array {
  const out = new Float64Array(rows * rank);
  for (let i = 0; i < rows; i++) out.set(a.subarray(i * columns, i * columns + rank), i * rank);
  return out;
}

function multiply(
  a: ArrayLike<number>,
  b: Float64Array,
  m: number,
  k: number,
  n: number,
): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const factor = a[i * k + p];
      for (let j = 0; j < n; j++) c[i * n + j] += factor * b[p * n + j];
    }
  return c;
}

function orthonormal(a: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(qr(a, rows, columns).q);
}

/** Standard normal entries by Box–Muller. */
function gaussianMatrix(count: number, random: { next(): number }): Float32Array {
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return radius * Math.cos(2 * Math.PI * random.next());
  });
}

function columnsOf(a: ArrayLike<number>, rows: number, columns: number): Float64Array[] {
  return Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: rows }, (_unused, i) => a[i * columns + j]),
  );
}

/** Turns columns p, q until they are orthogonal; false when they already are. */
function orthogonalise(
  work: readonly Float64Array[],
  v: readonly Float64Array[],
  p: number,
  q: number,
): boolean {
  const [x, y] = [work[p], work[q]];
  const [alpha, beta, gamma] = [dot(x, x), dot(y, y), dot(x, y)];
  if (Math.abs(gamma) <= 2 ** -50 * Math.sqrt(alpha * beta)) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  turn(x, y, c, c * t);
  turn(v[p], v[q], c, c * t);
  return true;
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

function turn(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i], y[i]];
    x[i] = c * a - s * b;
    y[i] = s * a + c * b;
  }
}

function collect(
  work: readonly Float64Array[],
  v: readonly Float64Array[],
  rows: number,
  columns: number,
): Svd {
  const norms = work.map((column) => Math.sqrt(dot(column, column)));
  const order = norms.map((_, j) => j).sort((i, j) => norms[j] - norms[i] || i - j);
  const out = {
    u: new Float64Array(rows * columns),
    s: Float64Array.from(order, (j) => norms[j]),
    v: new Float64Array(columns * columns),
  };
  order.forEach((j, k) => {
    const scale = norms[j] === 0 ? 0 : 1 / norms[j];
    for (let i = 0; i < rows; i++) out.u[i * columns + k] = work[j][i] * scale;
    for (let i = 0; i < columns; i++) out.v[i * columns + k] = v[j][i];
  });
  return out;
}
