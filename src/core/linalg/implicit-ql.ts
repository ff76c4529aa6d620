const MOST_SWEEPS = 60;

/** Rows and columns low…high of the matrix of vectors at `z`, whose rows are n long. */
interface Block {
  readonly n: number;
  readonly z: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Eigenvalues and vectors of a small symmetric tridiagonal matrix by the QL method with implicit shifts (Dubrulle, Martin &
 * Wilkinson 1968). `values` holds the diagonal and is overwritten, the block of `heap` becomes the vectors, as rows.
 */
export function implicitQl(
  heap: Float64Array,
  block: Block,
  values: Float64Array,
  off: Float64Array,
): void {
  const { n, z, low, high } = block;
  for (let i = low; i < high; i++) heap[z + i * n + i] = 1;
  const e = new Float64Array(high - low);
  e.set(off.subarray(low, high - 1));
  const d = values.subarray(low, high);
  for (let l = 0; l < d.length; l++) {
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      const m = firstSmall(d, e, l);
      if (m === l) break;
      chase(heap, block, d, e, l, m);
    }
  }
}

/** The first row from l on after which the matrix falls apart. */
function firstSmall(d: Float64Array, e: Float64Array, l: number): number {
  for (let m = l; m < d.length - 1; m++) {
    if (Math.abs(e[m]) <= 2 ** -53 * (Math.abs(d[m]) + Math.abs(d[m + 1]))) return m;
  }
  return d.length - 1;
}

/** One sweep from row m up to l, with Wilkinson's shift. */
function chase(
  heap: Float64Array,
  block: Block,
  d: Float64Array,
  e: Float64Array,
  l: number,
  m: number,
): void {
  const theta = (d[l + 1] - d[l]) / (2 * e[l]);
  const root = Math.hypot(theta, 1);
  let g = d[m] - d[l] + e[l] / (theta + (theta < 0 ? -root : root));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    const q = (d[i] - g) * s + 2 * c * b;
    p = s * q;
    d[i + 1] = g + p;
    g = c * q - b;
    turnRows(heap, block, i, c, s);
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}

function turnRows(
  heap: Float64Array,
  { n, z, low, high }: Block,
  i: number,
  c: number,
  s: number,
): void {
  const x = z + (low + i) * n;
  for (let j = low; j < high; j++) {
    const [a, b] = [heap[x + j], heap[x + n + j]];
    heap[x + n + j] = s * a + c * b;
    heap[x + j] = c * a - s * b;
  }
}
