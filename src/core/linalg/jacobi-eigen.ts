import type { SymmetricEigen } from './eigen.ts';

const MAX_SWEEPS = 60;

/**
 * A = V·diag(λ)·Vᵀ for symmetric A [n, n], by cyclic Jacobi rotations in float64: accurate to a few
 * n·2⁻⁵³·‖A‖, for n up to a few dozen (each sweep costs 4n³). Oracle of `symmetricEigen`. Source: Golub & Van Loan §8.5.
 */
export function jacobiEigen(a: ArrayLike<number>, n: number): SymmetricEigen {
  const m = Float64Array.from(a);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < MAX_SWEEPS && !isDiagonal(m, n); sweep++)
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(m, v, n, p, q);
  return sorted(m, v, n);
}

/** Off-diagonal entries below 2⁻⁵³ of the largest diagonal one change nothing any more. */
function isDiagonal(m: Float64Array, n: number): boolean {
  let largest = 0;
  let off = 0;
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++) {
      const size = Math.abs(m[i * n + j]);
      if (i === j) largest = Math.max(largest, size);
      else off = Math.max(off, size);
    }
  return off <= largest * 2 ** -53;
}

function rotate(m: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = m[p * n + q];
  if (apq === 0) return;
  const theta = (m[q * n + q] - m[p * n + p]) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  turnColumns(m, n, p, q, c, s);
  turnRows(m, n, p, q, c, s);
  turnColumns(v, n, p, q, c, s);
}

function turnColumns(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [m[k * n + p], m[k * n + q]];
    m[k * n + p] = c * x - s * y;
    m[k * n + q] = s * x + c * y;
  }
}

function turnRows(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [m[p * n + k], m[q * n + k]];
    m[p * n + k] = c * x - s * y;
    m[q * n + k] = s * x + c * y;
  }
}

function sorted(m: Float64Array, v: Float64Array, n: number): SymmetricEigen {
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => m[j * n + j] - m[i * n + i] || i - j,
  );
  const vectors = new Float64Array(n * n);
  for (let k = 0; k < n; k++) for (let i = 0; i < n; i++) vectors[i * n + k] = v[i * n + order[k]];
  return { values: Float64Array.from(order, (i) => m[i * n + i]), vectors };
}
