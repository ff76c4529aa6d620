/**
 * Symmetric and triangular matrices in float64 that hold only their lower half, row by row: entry (i, j ≤ i) lies at
 * i(i + 1)/2 + j. Half the memory of a square, which is what allows float64 where a square of float32 stands beside.
 */
export const rowStart = (i: number): number => (i * (i + 1)) / 2;

/** Rows handled together, so that each row before them is read once for all. */
const ROWS = 4;

/**
 * L with A = L·Lᵀ in place, A symmetric positive definite [n, n], packed. False when a pivot is not > 0; `a` is then
 * spoiled. Costs n³/6 multiplications, float64.
 */
export function packedCholesky(a: Float64Array, n: number): boolean {
  for (let top = 0; top < n; top += ROWS) {
    const bottom = Math.min(n, top + ROWS);
    if (bottom - top === ROWS) for (let j = 0; j < top; j++) eliminateFour(a, top, j);
    for (let i = top; i < bottom; i++) {
      const from = bottom - top === ROWS ? top : 0;
      for (let j = from; j <= i; j++) if (!eliminate(a, i, j)) return false;
    }
  }
  return true;
}

/** L_ij of the rows i … i + 3 = top … top + 3: (A_ij − Σ_{k<j} L_ik·L_jk) / L_jj. */
function eliminateFour(a: Float64Array, top: number, j: number): void {
  const row = rowStart(j);
  const [p, q, r, s] = [rowStart(top), rowStart(top + 1), rowStart(top + 2), rowStart(top + 3)];
  let [w, x, y, z] = [a[p + j], a[q + j], a[r + j], a[s + j]];
  for (let k = 0; k < j; k++) {
    const l = a[row + k];
    w -= a[p + k] * l;
    x -= a[q + k] * l;
    y -= a[r + k] * l;
    z -= a[s + k] * l;
  }
  const pivot = a[row + j];
  a[p + j] = w / pivot;
  a[q + j] = x / pivot;
  a[r + j] = y / pivot;
  a[s + j] = z / pivot;
}

function eliminate(a: Float64Array, i: number, j: number): boolean {
  const [own, row] = [rowStart(i), rowStart(j)];
  let sum = a[own + j];
  for (let k = 0; k < j; k++) sum -= a[own + k] * a[row + k];
  if (i > j) {
    a[own + j] = sum / a[row + j];
    return true;
  }
  a[own + j] = Math.sqrt(sum);
  return sum > 0;
}

/** M = L⁻¹ in place, L lower triangular [n, n] with a diagonal that is not zero, packed. Costs n³/6 multiplications, float64. */
export function packedInverse(l: Float64Array, n: number): void {
  for (let top = 0; top < n; top += ROWS) {
    const bottom = Math.min(n, top + ROWS);
    const factors = Array.from({ length: bottom - top }, (_, r) => takeRow(l, top + r));
    if (bottom - top === ROWS) for (let k = 0; k + 1 < top; k += 2) subtractTwo(l, top, k, factors);
    for (let i = top; i < bottom; i++) {
      const factor = factors[i - top];
      const done = bottom - top === ROWS ? top : 0;
      for (let k = done; k < i; k++) subtractRow(l, i, k, factor[k]);
      scaleRow(l, i, factor[i]);
    }
  }
}

/** Row i of L, which leaves zeros behind. */
function takeRow(l: Float64Array, i: number): Float64Array {
  const start = rowStart(i);
  const row = l.slice(start, start + i + 1);
  l.fill(0, start, start + i + 1);
  return row;
}

/** Rows top … top + 3 −= their factors k and k + 1 times the finished rows k and k + 1. `top` is even. */
function subtractTwo(
  m: Float64Array,
  top: number,
  k: number,
  [a, b, c, d]: readonly Float64Array[],
): void {
  const [first, second] = [rowStart(k), rowStart(k + 1)];
  const [p, q, r, s] = [rowStart(top), rowStart(top + 1), rowStart(top + 2), rowStart(top + 3)];
  const [a0, b0, c0, d0] = [a[k], b[k], c[k], d[k]];
  const [a1, b1, c1, d1] = [a[k + 1], b[k + 1], c[k + 1], d[k + 1]];
  for (let j = 0; j <= k; j++) {
    const [x, y] = [m[first + j], m[second + j]];
    m[p + j] -= a0 * x + a1 * y;
    m[q + j] -= b0 * x + b1 * y;
    m[r + j] -= c0 * x + c1 * y;
    m[s + j] -= d0 * x + d1 * y;
  }
  const last = m[second + k + 1];
  m[p + k + 1] -= a1 * last;
  m[q + k + 1] -= b1 * last;
  m[r + k + 1] -= c1 * last;
  m[s + k + 1] -= d1 * last;
}

function subtractRow(m: Float64Array, i: number, k: number, factor: number): void {
  const [own, row] = [rowStart(i), rowStart(k)];
  for (let j = 0; j <= k; j++) m[own + j] -= factor * m[row + j];
}

function scaleRow(m: Float64Array, i: number, pivot: number): void {
  const start = rowStart(i);
  m[start + i] = 1;
  for (let j = 0; j <= i; j++) m[start + j] /= pivot;
}

/** Column j of MᵀM, M lower triangular [n, n], packed: Σ_{i≥j} M_ij·M_i. Costs (n² − j²)/2 multiplications. */
export function gramColumn(m: Float64Array, n: number, j: number): Float64Array {
  const out = new Float64Array(n);
  let i = j;
  for (; i + 1 < n; i += 2) {
    const [p, q] = [rowStart(i), rowStart(i + 1)];
    const [a, b] = [m[p + j], m[q + j]];
    for (let c = 0; c <= i; c++) out[c] += a * m[p + c] + b * m[q + c];
    out[i + 1] += b * m[q + i + 1];
  }
  if (i < n) {
    const p = rowStart(i);
    for (let c = 0; c <= i; c++) out[c] += m[p + j] * m[p + c];
  }
  return out;
}
