// C += α·A·B, packed panels and a 4×8 register tile. WHY 4×8 and one step per iteration: V8 puts all loads
// of a loop body before its arithmetic, so 8 accumulators, 2 values of B, 4 of A and a product are the 15
// vectors an x86 has. A larger tile, or two steps per iteration, spills and costs a third of the speed.

const KC: i32 = 256;
const MC: i32 = 128;
const NC: i32 = 512;

/** Which part of C is wanted. */
const UPPER: i32 = 1;
const LOWER: i32 = 2;

/**
 * Strides are in elements and may be negative. Products are summed over `run` ≤ 256 steps of k before they
 * are added to C. work: (MC·KC + KC·NC + 32) floats.
 * part 0: all of C; 1: tiles that touch the upper triangle; 2: tiles that touch the lower triangle.
 */
export function gemm(
  m: i32, n: i32, k: i32, alpha: f32,
  a: usize, aRow: i32, aColumn: i32,
  b: usize, bRow: i32, bColumn: i32,
  c: usize, cRow: i32,
  part: i32, run: i32, work: usize,
): void {
  const packedA = work;
  const packedB = packedA + (<usize>(MC * KC) << 2);
  const edge = packedB + (<usize>(KC * NC) << 2);
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += run) {
      const kc = min(run, k - pc);
      packColumns(at(b, pc * bRow + jc * bColumn), bRow, bColumn, kc, nc, packedB);
      for (let ic = 0; ic < m; ic += MC) {
        const mc = min(MC, m - ic);
        if (part == UPPER && jc + nc <= ic) continue;
        if (part == LOWER && jc >= ic + mc) continue;
        packRows(at(a, ic * aRow + pc * aColumn), aRow, aColumn, mc, kc, packedA);
        block(mc, nc, kc, alpha, packedA, packedB, c, ic, jc, cRow, part, edge);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function at(base: usize, elements: i32): usize {
  return base + (<isize>elements << 2);
}

function block(
  mc: i32, nc: i32, kc: i32, alpha: f32,
  packedA: usize, packedB: usize,
  c: usize, ic: i32, jc: i32, cRow: i32,
  part: i32, edge: usize,
): void {
  for (let j = 0; j < nc; j += 8) {
    const panelB = packedB + (<usize>(j * kc) << 2);
    for (let i = 0; i < mc; i += 4) {
      if (part == UPPER && jc + j + 7 < ic + i) break;
      if (part == LOWER && jc + j > ic + i + 3) continue;
      const panelA = packedA + (<usize>(i * kc) << 2);
      const target = c + ((<usize>(ic + i) * <usize>cRow + <usize>(jc + j)) << 2);
      if (i + 4 <= mc && j + 8 <= nc) tile(kc, panelA, panelB, target, <usize>cRow << 2, alpha);
      else partialTile(kc, panelA, panelB, target, cRow, alpha, min(4, mc - i), min(8, nc - j), edge);
    }
  }
}

function partialTile(
  kc: i32, panelA: usize, panelB: usize, target: usize, cRow: i32, alpha: f32,
  rows: i32, columns: i32, edge: usize,
): void {
  memory.fill(edge, 0, 128);
  tile(kc, panelA, panelB, edge, 32, alpha);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const p = target + ((<usize>(i * cRow + j)) << 2);
      store<f32>(p, load<f32>(p) + load<f32>(edge + (<usize>(i * 8 + j) << 2)));
    }
}

/** The 4×8 tile of gemm: B's rows are 32 bytes apart. */
function tile(k: i32, a: usize, b: usize, c: usize, cStep: usize, alpha: f32): void {
  multiplyAdd(k, a, b, 32, c, cStep, alpha);
}

/** The 4×8 tile over strips of 16 rows: B's rows are 64 bytes apart, C's too. */
export function stripTile(k: i32, a: usize, b: usize, c: usize): void {
  multiplyAdd(k, a, b, 64, c, 64, 1);
}

// @ts-ignore: decorator
@inline
function multiplyAdd(k: i32, a: usize, b: usize, bStep: usize, c: usize, cStep: usize, alpha: f32): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  const end = a + (<usize>k << 4);
  while (a < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load_splat<f32>(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(x, b0));
    c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load_splat<f32>(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(x, b0));
    c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load_splat<f32>(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(x, b0));
    c31 = f32x4.add(c31, f32x4.mul(x, b1));
    a += 16;
    b += bStep;
  }
  const s = f32x4.splat(alpha);
  addRow(c, s, c00, c01);
  addRow(c + cStep, s, c10, c11);
  addRow(c + cStep * 2, s, c20, c21);
  addRow(c + cStep * 3, s, c30, c31);
}

// @ts-ignore: decorator
@inline
function addRow(c: usize, alpha: v128, low: v128, high: v128): void {
  v128.store(c, f32x4.add(v128.load(c), f32x4.mul(alpha, low)));
  v128.store(c, f32x4.add(v128.load(c, 16), f32x4.mul(alpha, high)), 16);
}

/** A [rows, k] → panels of 4 rows: out[panel][p][4]; missing rows are 0. */
export function packRows(a: usize, row: i32, column: i32, rows: i32, k: i32, out: usize): void {
  for (let i = 0; i < rows; i += 4) {
    const source = at(a, i * row);
    if (i + 4 > rows) packPartial(source, row, column, rows - i, 4, k, out);
    else if (row == 1) packContiguous4(source, column, k, out);
    else if (column == 1) packTransposed4(source, row, k, out, 16);
    else packPartial(source, row, column, 4, 4, k, out);
    out += <usize>k << 4;
  }
}

/** B [k, columns] → panels of 8 columns: out[panel][p][8]; missing columns are 0. */
function packColumns(b: usize, row: i32, column: i32, k: i32, columns: i32, out: usize): void {
  for (let j = 0; j < columns; j += 8) {
    const source = at(b, j * column);
    if (j + 8 > columns) packPartial(source, column, row, columns - j, 8, k, out);
    else if (column == 1) packContiguous8(source, row, k, out);
    else if (row == 1) {
      packTransposed4(source, column, k, out, 32);
      packTransposed4(at(source, 4 * column), column, k, out + 16, 32);
    } else packPartial(source, column, row, 8, 8, k, out);
    out += <usize>k << 5;
  }
}

function packPartial(a: usize, lane: i32, step: i32, lanes: i32, width: i32, k: i32, out: usize): void {
  for (let p = 0; p < k; p++)
    for (let l = 0; l < width; l++) {
      store<f32>(out, l < lanes ? load<f32>(at(a, p * step + l * lane)) : 0);
      out += 4;
    }
}

function packContiguous4(a: usize, step: i32, k: i32, out: usize): void {
  for (let p = 0; p < k; p++) {
    v128.store(out, v128.load(a));
    a = at(a, step);
    out += 16;
  }
}

function packContiguous8(b: usize, step: i32, k: i32, out: usize): void {
  for (let p = 0; p < k; p++) {
    v128.store(out, v128.load(b));
    v128.store(out, v128.load(b, 16), 16);
    b = at(b, step);
    out += 32;
  }
}

/** Four rows of k contiguous values → k groups of four, `width` bytes apart. */
function packTransposed4(a: usize, row: i32, k: i32, out: usize, width: usize): void {
  const a1 = at(a, row), a2 = at(a, 2 * row), a3 = at(a, 3 * row);
  let p: usize = 0;
  const whole = <usize>(k & ~3) << 2;
  for (; p < whole; p += 16) {
    const r0 = v128.load(a + p), r1 = v128.load(a1 + p), r2 = v128.load(a2 + p), r3 = v128.load(a3 + p);
    const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
    v128.store(out + width, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
    v128.store(out + width * 2, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
    v128.store(out + width * 3, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
    out += width << 2;
  }
  for (; p < <usize>k << 2; p += 4) {
    store<f32>(out, load<f32>(a + p));
    store<f32>(out, load<f32>(a1 + p), 4);
    store<f32>(out, load<f32>(a2 + p), 8);
    store<f32>(out, load<f32>(a3 + p), 12);
    out += width;
  }
}
