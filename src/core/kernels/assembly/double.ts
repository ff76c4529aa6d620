// Products in float64, for eigenvalues. As assembly/gemm.ts, with half as many lanes: a 4×4 register tile.

const KC: i32 = 192;
const MC: i32 = 96;
const NC: i32 = 384;

const UPPER: i32 = 1;
const LOWER: i32 = 2;

/**
 * C += α·A·B in float64: A [m, k], B [k, n], C [m, n], strides in elements. work: (MC·KC + KC·NC + 16) float64.
 * part 0: all of C; 1: tiles that touch the upper triangle; 2: tiles that touch the lower triangle.
 */
export function gemmDouble(
  m: i32, n: i32, k: i32, alpha: f64,
  a: usize, aRow: i32, aColumn: i32,
  b: usize, bRow: i32, bColumn: i32,
  c: usize, cRow: i32,
  part: i32, work: usize,
): void {
  const packedA = work;
  const packedB = packedA + (<usize>(MC * KC) << 3);
  const edge = packedB + (<usize>(KC * NC) << 3);
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const kc = min(KC, k - pc);
      packFours(at(b, pc * bRow + jc * bColumn), bColumn, bRow, nc, kc, packedB);
      for (let ic = 0; ic < m; ic += MC) {
        const mc = min(MC, m - ic);
        if (part == UPPER && jc + nc <= ic) continue;
        if (part == LOWER && jc >= ic + mc) continue;
        packFours(at(a, ic * aRow + pc * aColumn), aRow, aColumn, mc, kc, packedA);
        block(mc, nc, kc, alpha, packedA, packedB, c, ic, jc, cRow, part, edge);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function at(base: usize, elements: i32): usize {
  return base + (<isize>elements << 3);
}

function block(
  mc: i32, nc: i32, kc: i32, alpha: f64,
  packedA: usize, packedB: usize,
  c: usize, ic: i32, jc: i32, cRow: i32,
  part: i32, edge: usize,
): void {
  for (let j = 0; j < nc; j += 4) {
    const panelB = packedB + (<usize>(j * kc) << 3);
    for (let i = 0; i < mc; i += 4) {
      if (part == UPPER && jc + j + 3 < ic + i) break;
      if (part == LOWER && jc + j > ic + i + 3) continue;
      const panelA = packedA + (<usize>(i * kc) << 3);
      const target = c + ((<usize>(ic + i) * <usize>cRow + <usize>(jc + j)) << 3);
      if (i + 4 <= mc && j + 4 <= nc) tile(kc, panelA, panelB, target, <usize>cRow << 3, alpha);
      else partialTile(kc, panelA, panelB, target, cRow, alpha, min(4, mc - i), min(4, nc - j), edge);
    }
  }
}

function partialTile(
  kc: i32, panelA: usize, panelB: usize, target: usize, cRow: i32, alpha: f64,
  rows: i32, columns: i32, edge: usize,
): void {
  memory.fill(edge, 0, 128);
  tile(kc, panelA, panelB, edge, 32, alpha);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const p = target + ((<usize>(i * cRow + j)) << 3);
      store<f64>(p, load<f64>(p) + load<f64>(edge + (<usize>(i * 4 + j) << 3)));
    }
}

function tile(k: i32, a: usize, b: usize, c: usize, cStep: usize, alpha: f64): void {
  let c00 = f64x2.splat(0), c01 = f64x2.splat(0), c10 = f64x2.splat(0), c11 = f64x2.splat(0);
  let c20 = f64x2.splat(0), c21 = f64x2.splat(0), c30 = f64x2.splat(0), c31 = f64x2.splat(0);
  const end = a + (<usize>k << 5);
  while (a < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load_splat<f64>(a);
    c00 = f64x2.add(c00, f64x2.mul(x, b0));
    c01 = f64x2.add(c01, f64x2.mul(x, b1));
    x = v128.load_splat<f64>(a, 8);
    c10 = f64x2.add(c10, f64x2.mul(x, b0));
    c11 = f64x2.add(c11, f64x2.mul(x, b1));
    x = v128.load_splat<f64>(a, 16);
    c20 = f64x2.add(c20, f64x2.mul(x, b0));
    c21 = f64x2.add(c21, f64x2.mul(x, b1));
    x = v128.load_splat<f64>(a, 24);
    c30 = f64x2.add(c30, f64x2.mul(x, b0));
    c31 = f64x2.add(c31, f64x2.mul(x, b1));
    a += 32;
    b += 32;
  }
  const s = f64x2.splat(alpha);
  addRow(c, s, c00, c01);
  addRow(c + cStep, s, c10, c11);
  addRow(c + cStep * 2, s, c20, c21);
  addRow(c + cStep * 3, s, c30, c31);
}

// @ts-ignore: decorator
@inline
function addRow(c: usize, alpha: v128, low: v128, high: v128): void {
  v128.store(c, f64x2.add(v128.load(c), f64x2.mul(alpha, low)));
  v128.store(c, f64x2.add(v128.load(c, 16), f64x2.mul(alpha, high)), 16);
}

/** Lanes of a matrix (`lane` apart) over k steps (`step` apart) → panels of 4 lanes: out[panel][p][4]. */
function packFours(a: usize, lane: i32, step: i32, lanes: i32, k: i32, out: usize): void {
  for (let i = 0; i < lanes; i += 4) {
    const source = at(a, i * lane);
    if (i + 4 > lanes) packPartial(source, lane, step, lanes - i, k, out);
    else if (lane == 1) packContiguous(source, step, k, out);
    else packPartial(source, lane, step, 4, k, out);
    out += <usize>k << 5;
  }
}

function packPartial(a: usize, lane: i32, step: i32, lanes: i32, k: i32, out: usize): void {
  for (let l = 0; l < 4; l++) {
    let source = at(a, l * lane);
    let target = out + (<usize>l << 3);
    for (let p = 0; p < k; p++) {
      store<f64>(target, l < lanes ? load<f64>(source) : 0);
      source = at(source, step);
      target += 32;
    }
  }
}

function packContiguous(a: usize, step: i32, k: i32, out: usize): void {
  for (let p = 0; p < k; p++) {
    v128.store(out, v128.load(a));
    v128.store(out, v128.load(a, 16), 16);
    a = at(a, step);
    out += 32;
  }
}

/** y = A·x for symmetric A [n, n] of which the upper half is read (row stride in elements); float64. */
export function symvUpper(a: usize, stride: i32, n: i32, x: usize, y: usize): void {
  memory.fill(y, 0, <usize>n << 3);
  let i = 0;
  for (; i + 2 <= n; i += 2) twoRows(a, stride, n, x, y, i);
  if (i < n) oneRow(at(a, i * stride), i, n, x, y);
}

function oneRow(row: usize, i: i32, n: i32, x: usize, y: usize): void {
  const xi = load<f64>(at(x, i));
  let sum: f64 = load<f64>(at(row, i)) * xi;
  for (let j = i + 1; j < n; j++) {
    const value = load<f64>(at(row, j));
    sum += value * load<f64>(at(x, j));
    store<f64>(at(y, j), load<f64>(at(y, j)) + value * xi);
  }
  store<f64>(at(y, i), load<f64>(at(y, i)) + sum);
}

/** Rows i and i + 1 in one pass over x and y. */
function twoRows(a: usize, stride: i32, n: i32, x: usize, y: usize, i: i32): void {
  const x0 = load<f64>(at(x, i)), x1 = load<f64>(at(x, i + 1));
  let p = at(a, i * stride + i), q = at(a, (i + 1) * stride + i);
  const corner = load<f64>(at(p, 1));
  let sum0: f64 = load<f64>(p) * x0 + corner * x1;
  let sum1: f64 = corner * x0 + load<f64>(at(q, 1)) * x1;
  p = at(p, 2);
  q = at(q, 2);
  let px = at(x, i + 2), py = at(y, i + 2);
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
  const f0 = f64x2.splat(x0), f1 = f64x2.splat(x1);
  let j = i + 2;
  for (; j + 2 <= n; j += 2) {
    const v = v128.load(p), w = v128.load(q), xj = v128.load(px);
    s0 = f64x2.add(s0, f64x2.mul(v, xj));
    s1 = f64x2.add(s1, f64x2.mul(w, xj));
    v128.store(py, f64x2.add(v128.load(py), f64x2.add(f64x2.mul(v, f0), f64x2.mul(w, f1))));
    p += 16;
    q += 16;
    px += 16;
    py += 16;
  }
  sum0 += f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  sum1 += f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1);
  if (j < n) {
    const v = load<f64>(p), w = load<f64>(q), xj = load<f64>(px);
    sum0 += v * xj;
    sum1 += w * xj;
    store<f64>(py, load<f64>(py) + v * x0 + w * x1);
  }
  store<f64>(at(y, i), load<f64>(at(y, i)) + sum0);
  store<f64>(at(y, i + 1), load<f64>(at(y, i + 1)) + sum1);
}
