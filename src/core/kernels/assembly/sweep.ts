// GPTQ's inner loops. W lives in strips of 16 rows: strip[s][column][16], so that 4 vectors hold one
// column of a strip, a block of columns is contiguous, and a strip is a ready packed panel for the
// 4×8 tile. All columns are in quantization order.
import { float4 } from './constants';
import { packRows, stripTile } from './gemm';

const KC: i32 = 256;

/**
 * Rows [row0, row0 + rows) of a row-major window → strips, column j taken from order[j] (−1: zero).
 * Rows beyond the window are zero.
 */
export function gatherStrips(source: usize, rows: i32, columns: i32, order: usize, strips: usize): void {
  for (let r = 0; r < rows; r += 16) {
    const count = min(16, rows - r);
    const base = source + (<usize>r * <usize>columns << 2);
    for (let j = 0; j < columns; j++) {
      const from = load<i32>(order + (<usize>j << 2));
      for (let i = 0; i < 16; i++) {
        const value: f32 = from >= 0 && i < count ? load<f32>(base + (<usize>(i * columns + from) << 2)) : 0;
        store<f32>(strips, value);
        strips += 4;
      }
    }
  }
}

/** Columns [first, first + width) of strips with `columns` columns → row-major [rows, width]. */
export function stripRows(strips: usize, columns: i32, first: i32, width: i32, rows: i32, out: usize): void {
  for (let r = 0; r < rows; r++) {
    let p = strips + ((<usize>(r >> 4) * <usize>columns + <usize>first) << 6) + (<usize>(r & 15) << 2);
    for (let j = 0; j < width; j++) {
      store<f32>(out, load<f32>(p));
      p += 64;
      out += 4;
    }
  }
}

/**
 * C[s][i][16] += Σ_p A[i, p]·B[s][p][16]: A is [m, k] with element strides, B's strips have bColumns
 * columns, C's cColumns (a multiple of 4 of them is written). work: packed A, ⌈m/4⌉·4·256 floats.
 */
export function stripProduct(
  strips: i32, m: i32, k: i32,
  a: usize, aRow: i32, aColumn: i32,
  b: usize, bColumns: i32, c: usize, cColumns: i32, work: usize,
): void {
  for (let pc = 0; pc < k; pc += KC) {
    const kc = min(KC, k - pc);
    packRows(a + (<isize>(pc * aColumn) << 2), aRow, aColumn, m, kc, work);
    for (let s = 0; s < strips; s++) {
      const panel = b + ((<usize>s * <usize>bColumns + <usize>pc) << 6);
      const target = c + (<usize>s * <usize>cColumns << 6);
      for (let i = 0; i < m; i += 4) {
        const packed = work + (<usize>(i * kc) << 2);
        stripTile(kc, packed, panel, target + (<usize>i << 6));
        stripTile(kc, packed, panel + 32, target + (<usize>i << 6) + 32);
      }
    }
  }
}

/**
 * Quantizes columns [first, first + n) of every strip, one after the other, each error moved onto the
 * later columns of the block: w_j = input_j − Σ_{i<j} err_i·U_ij, err_j = (w_j − ŵ_j) / U_jj.
 * `input`: strips of inputColumns columns; `ut`: Uᵀ, rows of utStride floats; scales, zeros: float
 * [groups][gridRows]; groupOf: i32 per column. On return the strips hold E = W − Ŵ there and
 * codes[s][column][16] the codes. work: n·16 floats. ties: 1 for ⌊w/scale + zero + ½⌋ (signed-max).
 */
export function sweepStrips(
  strips: i32, columns: i32, first: i32, n: i32,
  w: usize, input: usize, inputColumns: i32, ut: usize, utStride: i32,
  scales: usize, zeros: usize, gridRows: i32, groupOf: usize,
  maxCode: i32, ties: i32, codes: usize, work: usize,
): void {
  const padded = <usize>gridRows << 2;
  for (let s = 0; s < strips; s++) {
    const lanes = <usize>s << 6;
    const own = w + ((<usize>s * <usize>columns + <usize>first) << 6);
    const source = input + (<usize>s * <usize>inputColumns << 6);
    const out = codes + ((<usize>s * <usize>columns + <usize>first) << 4);
    for (let j = 0; j < n; j++) {
      const grid = <usize>load<i32>(groupOf + (<usize>(first + j) << 2)) * padded + lanes;
      sweepColumn(
        j, source + (<usize>j << 6), ut + (<usize>(j * utStride) << 2), work,
        scales + grid, zeros + grid, maxCode, ties, own + (<usize>j << 6), out + (<usize>j << 4),
      );
    }
  }
}

function sweepColumn(
  j: i32, source: usize, u: usize, errors: usize,
  scales: usize, zeros: usize, maxCode: i32, ties: i32, w: usize, codes: usize,
): void {
  let x0 = v128.load(source), x1 = v128.load(source, 16), x2 = v128.load(source, 32), x3 = v128.load(source, 48);
  const end = errors + (<usize>j << 6);
  for (; errors < end; errors += 64) {
    const s = v128.load_splat<f32>(u);
    u += 4;
    x0 = f32x4.sub(x0, f32x4.mul(s, v128.load(errors)));
    x1 = f32x4.sub(x1, f32x4.mul(s, v128.load(errors, 16)));
    x2 = f32x4.sub(x2, f32x4.mul(s, v128.load(errors, 32)));
    x3 = f32x4.sub(x3, f32x4.mul(s, v128.load(errors, 48)));
  }
  const d = v128.load_splat<f32>(u);
  const top = f32x4.splat(<f32>maxCode);
  const q0 = settle(x0, d, scales, zeros, top, ties, w, end);
  const q1 = settle(x1, d, scales + 16, zeros + 16, top, ties, w + 16, end + 16);
  const q2 = settle(x2, d, scales + 32, zeros + 32, top, ties, w + 32, end + 32);
  const q3 = settle(x3, d, scales + 48, zeros + 48, top, ties, w + 48, end + 48);
  v128.store(codes, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(q0, q1), i16x8.narrow_i32x4_s(q2, q3)));
}

/** Quantizes 4 rows of one column: stores err, turns w into w − ŵ, returns the codes. */
// @ts-ignore: decorator
@inline
function settle(
  x: v128, d: v128, scales: usize, zeros: usize, top: v128, ties: i32, w: usize, error: usize,
): v128 {
  const scale = v128.load(scales), zero = v128.load(zeros);
  const code = ties ? codeFloor(x, scale, zero, top) : codeNearest(x, scale, zero, top);
  const hat = f32x4.mul(scale, f32x4.sub(code, zero));
  v128.store(error, f32x4.div(f32x4.sub(x, hat), d));
  v128.store(w, f32x4.sub(v128.load(w), hat));
  return i32x4.trunc_sat_f32x4_s(code);
}

// @ts-ignore: decorator
@inline
export function codeNearest(x: v128, scale: v128, zero: v128, top: v128): v128 {
  const q = f32x4.add(f32x4.nearest(f32x4.div(x, scale)), zero);
  return f32x4.pmin(f32x4.pmax(q, f32x4.splat(0)), top);
}

// @ts-ignore: decorator
@inline
export function codeFloor(x: v128, scale: v128, zero: v128, top: v128): v128 {
  const one = f32x4.div(float4(40), scale);
  const reciprocal = v128.andnot(one, f32x4.eq(scale, f32x4.splat(0)));
  const q = f32x4.floor(f32x4.add(f32x4.mul(x, reciprocal), f32x4.add(zero, float4(72))));
  return f32x4.pmin(f32x4.pmax(q, f32x4.splat(0)), top);
}

/** codes[s][j][16] → row-major [rows, columns], column j going to order[j]. */
export function scatterCodes(codes: usize, rows: i32, columns: i32, order: usize, out: usize): void {
  for (let r = 0; r < rows; r++) {
    let p = codes + (<usize>(r >> 4) * <usize>columns << 4) + <usize>(r & 15);
    const row = out + <usize>r * <usize>columns;
    for (let j = 0; j < columns; j++) {
      store<u8>(row + <usize>load<i32>(order + (<usize>j << 2)), load<u8>(p));
      p += 16;
    }
  }
}

/** ŵ[r,c] = scale[r, group[c]]·(code − zero[r, group[c]]), scales float and zeros u8 [rows, groups]. */
export function dequantize(
  codes: usize, rows: i32, columns: i32, scales: usize, zeros: usize, groups: i32, groupOf: usize, out: usize,
): void {
  for (let r = 0; r < rows; r++) {
    const s = scales + (<usize>(r * groups) << 2);
    const z = zeros + <usize>(r * groups);
    for (let c = 0; c < columns; c++) {
      const g = <usize>load<i32>(groupOf + (<usize>c << 2));
      const step = <i32>load<u8>(codes++) - <i32>load<u8>(z + g);
      store<f32>(out, load<f32>(s + (g << 2)) * <f32>step);
      out += 4;
    }
  }
}
