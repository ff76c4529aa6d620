import type { Doubles } from '../kernels/doubles.ts';
import { deflate, type Columns } from './deflate.ts';
import { implicitQl } from './implicit-ql.ts';
import { secularRoot, type Root } from './secular.ts';

/** Below this size the QL method is as fast. */
const LEAF = 24;

/** T = Vᵀ·diag(λ)·V [n, n]; eigenvectors are rows of n numbers `z` + i·n, in the order of `values` (which is not sorted). */
export interface TridiagonalEigen {
  readonly n: number;
  readonly values: Float64Array;
  readonly z: number;
  /** 2n² numbers to work in. */
  readonly room: number;
}

/**
 * Eigenvalues and vectors of a symmetric tridiagonal matrix by divide and conquer: `values` holds the diagonal and is
 * overwritten, `off` the off-diagonal. Two halves are solved and joined by a rank-one change whose vectors are made anew from the
 * eigenvalues, so that they are orthogonal to working precision (Gu & Eisenstat 1995; LAPACK's dstedc).
 */
export function tridiagonalEigen(
  doubles: Doubles,
  target: TridiagonalEigen,
  off: Float64Array,
): void {
  const { n, z } = target;
  doubles.heap.fill(0, z, z + n * n);
  solve(doubles, target, off, 0, n);
}

function solve(
  doubles: Doubles,
  target: TridiagonalEigen,
  off: Float64Array,
  low: number,
  high: number,
): void {
  const { n, values, z } = target;
  if (high - low <= LEAF) return implicitQl(doubles.heap, { n, z, low, high }, values, off);
  const middle = (low + high) >> 1;
  const rho = off[middle - 1];
  values[middle - 1] -= Math.abs(rho);
  values[middle] -= Math.abs(rho);
  solve(doubles, target, off, low, middle);
  solve(doubles, target, off, middle, high);
  join(doubles, target, { low, middle, high }, rho);
}

interface Span {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** T = [T₁ 0; 0 T₂] + |ρ|·u·uᵀ with u = e_last + sign(ρ)·e_first; its vectors from those of the halves. */
function join(doubles: Doubles, target: TridiagonalEigen, span: Span, rho: number): void {
  const { n, values, z } = target;
  const { heap } = doubles;
  const { low, middle, high } = span;
  const weights = new Float64Array(high - low);
  for (let i = low; i < high; i++) {
    const sign = rho < 0 ? -1 : 1;
    const [at, factor] = i < middle ? [middle - 1, 1] : [middle, sign];
    weights[i - low] = (factor * heap[z + i * n + at]) / Math.SQRT2;
  }
  const found = deflate(heap, { n, z, ...span }, values, weights, 2 * Math.abs(rho));
  if (found.kept.length === 0) return;
  const roots = vectorsOfRankOne(heap, found, target.room);
  multiplyBack(doubles, target, span, found);
  const { d } = found.problem;
  const passed = found.deflated.map((i) => values[i]);
  roots.forEach(({ origin, tau }, j) => (values[low + j] = d[origin] + tau));
  passed.forEach((value, i) => (values[low + roots.length + i] = value));
}

/** Rows of S [k, k] at `s`: the eigenvectors of D + ρzzᵀ, columns in the order of `found.kept`. */
function vectorsOfRankOne(heap: Float64Array, found: Columns, s: number): readonly Root[] {
  const { problem, position } = found;
  const { d, z } = problem;
  const k = d.length;
  const roots = Array.from(d, (_, j) => secularRoot(problem, j));
  roots.forEach(({ origin, tau }, j) => {
    const row = s + j * k;
    for (let i = 0; i < k; i++) heap[row + position[i]] = d[i] - d[origin] - tau;
  });
  const weights = exactWeights(heap, found, s);
  for (let j = 0; j < k; j++) {
    const row = s + j * k;
    let square = 0;
    for (let i = 0; i < k; i++) {
      const entry = (z[i] < 0 ? -weights[i] : weights[i]) / heap[row + position[i]];
      heap[row + position[i]] = entry;
      square += entry * entry;
    }
    const scale = 1 / Math.sqrt(square);
    for (let i = 0; i < k; i++) heap[row + i] *= scale;
  }
  return roots;
}

/** |ẑ_i| for which the computed λ are exact: ẑ_i² = Π_j (λ_j − d_i) / Π_{j≠i} (d_j − d_i). */
function exactWeights(heap: Float64Array, { problem, position }: Columns, s: number): Float64Array {
  const { d } = problem;
  const k = d.length;
  const square = new Float64Array(k);
  for (let i = 0; i < k; i++) square[i] = heap[s + i * k + position[i]];
  for (let j = 0; j < k; j++)
    for (let i = 0; i < k; i++) {
      if (i !== j) square[i] *= heap[s + j * k + position[i]] / (d[i] - d[j]);
    }
  return square.map((value) => Math.sqrt(Math.abs(value)));
}

/** Rows of Z: the vectors of the rank-one problem in the halves' vectors first, then those that passed. */
function multiplyBack(
  doubles: Doubles,
  { n, z, room }: TridiagonalEigen,
  { low, middle, high }: Span,
  { kept, deflated, tops, both }: Columns,
): void {
  const { heap } = doubles;
  const k = kept.length;
  const [upper, lower] = [tops + both, k - tops];
  const [n1, n2] = [middle - low, high - middle];
  const first = room + n * n;
  const second = first + upper * n1;
  const rest = second + lower * n2;
  const copy = (row: number, to: number, from: number, length: number): void => {
    heap.copyWithin(to, z + row * n + from, z + row * n + from + length);
  };
  kept.slice(0, upper).forEach((row, i) => copy(row, first + i * n1, low, n1));
  kept.slice(tops).forEach((row, i) => copy(row, second + i * n2, middle, n2));
  deflated.forEach((row, i) => copy(row, rest + i * (n1 + n2), low, n1 + n2));
  for (let j = 0; j < k; j++) heap.fill(0, z + (low + j) * n + low, z + (low + j) * n + high);
  const shared = { m: k, alpha: 1, aRow: k, aColumn: 1, bColumn: 1, cRow: n };
  const top = { a: room, b: first, bRow: n1, c: z + low * n + low };
  doubles.multiply({ ...shared, n: n1, k: upper, ...top });
  const bottom = { a: room + tops, b: second, bRow: n2, c: z + low * n + middle };
  doubles.multiply({ ...shared, n: n2, k: lower, ...bottom });
  deflated.forEach((_, i) => {
    const from = rest + i * (n1 + n2);
    heap.copyWithin(z + (low + k + i) * n + low, from, from + n1 + n2);
  });
}
