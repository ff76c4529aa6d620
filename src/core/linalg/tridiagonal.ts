import type { Doubles } from '../kernels/doubles.ts';

/** Columns reduced before the rest of the matrix is brought up to date. */
const PANEL = 32;

/** Reflectors applied together on the way back. */
const BLOCK = 64;

/** T = QᵀAQ: its diagonal and its off-diagonal, and the factors τ of the reflectors that Q is made of. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly off: Float64Array;
  readonly tau: Float64Array;
}

/** Numbers of the heap that {@link tridiagonalise} needs beside A. */
export function tridiagonalRoom(n: number): number {
  return PANEL * n;
}

/** Numbers of the heap that {@link rotateBack} needs beside A and Z. */
export function rotateBackRoom(n: number): number {
  return 3 * BLOCK * n + 2 * BLOCK * BLOCK;
}

/**
 * Householder reduction of symmetric A [n, n] at `a` (its upper half is read) to tridiagonal form, T = QᵀAQ with
 * Q = H₀·H₁·…, H_r = I − τ_r·v_r·v_rᵀ; row r of A holds v_r from column r + 1 on afterwards. In panels, so that half of the
 * 4n³/3 operations are products of matrices. Source: Dongarra, Sorensen & Hammarling 1989 (LAPACK's dsytrd).
 */
export function tridiagonalise(doubles: Doubles, n: number, a: number, room: number): Tridiagonal {
  const out = {
    diagonal: new Float64Array(n),
    off: new Float64Array(Math.max(0, n - 1)),
    tau: new Float64Array(n),
  };
  for (let p = 0; p < n; p += PANEL) {
    const panel = { n, a, w: room, p };
    const end = Math.min(n, p + PANEL);
    for (let r = p; r < end; r++) reduceRow(doubles, panel, r, out);
    if (end < n) updateRest(doubles, panel, end);
  }
  return out;
}

/** Rows p… of A are being reduced; row k of W at `w` belongs to row p + k. */
interface Panel {
  readonly n: number;
  readonly a: number;
  readonly w: number;
  readonly p: number;
}

function reduceRow(doubles: Doubles, panel: Panel, r: number, out: Tridiagonal): void {
  const { heap } = doubles;
  const { n, a, w, p } = panel;
  const row = a + r * n;
  for (let k = p; k < r; k++) {
    const [v, u] = [a + k * n, w + (k - p) * n];
    subtract(heap, row + r, u + r, heap[v + r], n - r);
    subtract(heap, row + r, v + r, heap[u + r], n - r);
  }
  out.diagonal[r] = heap[row + r];
  if (r === n - 1) return;
  const { tau, beta } = reflector(heap, row + r + 1, n - r - 1);
  out.off[r] = beta;
  out.tau[r] = tau;
  companionRow(doubles, panel, r, tau);
}

/** Turns x into v with v₀ = 1 and (I − τvvᵀ)x = βe₀. */
function reflector(heap: Float64Array, x: number, length: number): { tau: number; beta: number } {
  const alpha = heap[x];
  const rest = Math.sqrt(dot(heap, x + 1, x + 1, length - 1));
  heap[x] = 1;
  if (rest === 0) return { tau: 0, beta: alpha };
  const norm = Math.hypot(alpha, rest);
  const beta = alpha < 0 ? norm : -norm;
  const scale = 1 / (alpha - beta);
  for (let j = x + 1; j < x + length; j++) heap[j] *= scale;
  return { tau: (beta - alpha) / beta, beta };
}

/** w = τ·(A − Σ v_k·w_kᵀ + w_k·v_kᵀ)·v, less the half of its part along v: A − v·wᵀ − w·vᵀ is H·A·H. */
function companionRow(doubles: Doubles, { n, a, w, p }: Panel, r: number, tau: number): void {
  const { heap } = doubles;
  const length = n - r - 1;
  const v = a + r * n + r + 1;
  const y = w + (r - p) * n + r + 1;
  if (tau === 0) return void heap.fill(0, y, y + length);
  doubles.symmetricTimes(a + (r + 1) * n + r + 1, n, length, v, y);
  for (let k = p; k < r; k++) {
    const [own, companion] = [a + k * n + r + 1, w + (k - p) * n + r + 1];
    const along = dot(heap, companion, v, length);
    subtract(heap, y, companion, dot(heap, own, v, length), length);
    subtract(heap, y, own, along, length);
  }
  for (let j = y; j < y + length; j++) heap[j] *= tau;
  subtract(heap, y, v, (tau / 2) * dot(heap, y, v, length), length);
}

/** The upper half of A[q…, q…] −= VᵀW + WᵀV. */
function updateRest(doubles: Doubles, { n, a, w, p }: Panel, q: number): void {
  const size = { m: n - q, n: n - q, k: q - p, alpha: -1, upper: true };
  const strides = { aRow: 1, aColumn: n, bRow: n, bColumn: 1, cRow: n };
  const [v, u, c] = [a + p * n + q, w + q, a + q * n + q];
  doubles.multiply({ ...size, ...strides, a: v, b: u, c });
  doubles.multiply({ ...size, ...strides, a: u, b: v, c });
}

/**
 * Rows of Z [n, n] at `z`: eigenvectors of T become those of A, Z ← Z·Qᵀ, block by block in the form
 * H_p·…·H_q = I − Vᵀ·T·V (Schreiber & Van Loan 1989), V the reflectors' rows.
 */
export function rotateBack(
  doubles: Doubles,
  n: number,
  { a, z, room }: Readonly<Record<'a' | 'z' | 'room', number>>,
  { tau }: Pick<Tridiagonal, 'tau'>,
): void {
  for (let p = Math.floor((n - 1) / BLOCK) * BLOCK; p >= 0; p -= BLOCK) {
    const count = Math.min(BLOCK, n - 1 - p);
    if (count > 0) applyBlock(doubles, n, { a, z, room, p, count }, tau);
  }
}

function applyBlock(
  doubles: Doubles,
  n: number,
  { a, z, room, p, count }: Readonly<Record<'a' | 'z' | 'room' | 'p' | 'count', number>>,
  tau: Float64Array,
): void {
  const { heap } = doubles;
  const length = n - p - 1;
  const v = room;
  const mixed = v + BLOCK * n;
  const y = mixed + BLOCK * n;
  const t = y + BLOCK * n;
  for (let k = 0; k < count; k++) {
    heap.fill(0, v + k * length, v + k * length + k);
    const from = a + (p + k) * n + p + 1;
    heap.copyWithin(v + k * length + k, from + k, from + length);
  }
  formTriangle(doubles, { v, t, length, count }, tau.subarray(p, p + count));
  heap.fill(0, mixed, mixed + count * length);
  heap.fill(0, y, y + n * count);
  const byRows = { bRow: length, bColumn: 1, alpha: 1 };
  doubles.multiply({
    ...{ m: count, n: length, k: count, a: t, aRow: 1, aColumn: count },
    ...{ ...byRows, b: v, c: mixed, cRow: length },
  });
  doubles.multiply({
    ...{ m: n, n: count, k: length, alpha: 1, a: z + p + 1, aRow: n, aColumn: 1 },
    ...{ b: v, bRow: 1, bColumn: length, c: y, cRow: count },
  });
  doubles.multiply({
    ...{ m: n, n: length, k: count, a: y, aRow: count, aColumn: 1 },
    ...{ ...byRows, alpha: -1, b: mixed, c: z + p + 1, cRow: n },
  });
}

/** T [count, count] upper triangular at `t`: T_ii = τ_i, T_{<i,i} = −τ_i·T_{<i,<i}·V_{<i}·v_i. */
function formTriangle(
  doubles: Doubles,
  { v, t, length, count }: Readonly<Record<'v' | 't' | 'length' | 'count', number>>,
  tau: Float64Array,
): void {
  const { heap } = doubles;
  const gram = t + count * count;
  heap.fill(0, t, gram + count * count);
  doubles.multiply({
    ...{ m: count, n: count, k: length, alpha: 1, a: v, aRow: length, aColumn: 1 },
    ...{ b: v, bRow: 1, bColumn: length, c: gram, cRow: count, upper: true },
  });
  for (let i = 0; i < count; i++) {
    heap[t + i * count + i] = tau[i];
    for (let row = 0; row < i; row++) {
      let sum = 0;
      for (let k = row; k < i; k++) sum += heap[t + row * count + k] * heap[gram + k * count + i];
      heap[t + row * count + i] = -tau[i] * sum;
    }
  }
}

function dot(heap: Float64Array, x: number, y: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += heap[x + i] * heap[y + i];
  return sum;
}

/** y −= factor·x. */
function subtract(heap: Float64Array, y: number, x: number, factor: number, length: number): void {
  for (let i = 0; i < length; i++) heap[y + i] -= factor * heap[x + i];
}
