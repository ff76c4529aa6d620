import type { Svd } from './svd.ts';

const MAX_SWEEPS = 60;

/**
 * Thin SVD of A [rows, columns], rows ≥ columns, by one-sided Jacobi rotations in float64: every
 * singular value to high relative accuracy, cost about 10·rows·columns² per sweep, so for columns up to
 * a few dozen. Oracle of `svd`. Directions of zero singular values are zero columns of U. Source: Demmel & Veselić 1992.
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
