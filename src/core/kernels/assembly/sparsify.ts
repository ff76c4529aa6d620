// SparseGPT's inner loop, over the strips of sweep.ts.
import { codeFloor, codeNearest } from './sweep';

/**
 * Prunes columns [first, first + n) of every strip, one after the other, each error moved onto the later columns of
 * the block: x_j = input_j − Σ_{i<j} err_i·U_ij, ŵ_j = x_j or 0 (where grids are given: rounded), err_j = (x_j − ŵ_j)/U_jj.
 * `input`: strips of inputColumns columns, becomes Ŵ; `ut`: Uᵀ, rows of utStride floats; mask: i32 per entry, in strips
 * of inputColumns columns, all ones to keep. group > 0: the mask is chosen here, before each group of so many columns,
 * which keeps the `keep` of largest x²/U_jj². On return w holds E = W − Ŵ. codes 0: no rounding, else as in sweepStrips.
 * work: (n + group)·16 floats.
 */
export function sparsifyStrips(
  strips: i32, columns: i32, first: i32, n: i32,
  w: usize, input: usize, mask: usize, inputColumns: i32, ut: usize, utStride: i32,
  group: i32, keep: i32,
  scales: usize, zeros: usize, gridRows: i32, groupOf: usize,
  maxCode: i32, ties: i32, codes: usize, work: usize,
): void {
  const padded = <usize>gridRows << 2;
  const scores = work + (<usize>n << 6);
  for (let s = 0; s < strips; s++) {
    const own = w + ((<usize>s * <usize>columns + <usize>first) << 6);
    const source = input + (<usize>s * <usize>inputColumns << 6);
    const kept = mask + (<usize>s * <usize>inputColumns << 6);
    const out = codes + ((<usize>s * <usize>columns + <usize>first) << 4);
    let start = 0;
    for (let j = 0; j < n; j++) {
      const place = <usize>j << 6;
      if (group > 0 && j % group == 0) {
        start = j;
        for (let t = 0; t < group; t++) {
          const at = source + place + (<usize>t << 6);
          const row = ut + (<usize>((j + t) * utStride) << 2);
          subtract(at, row, 0, j, work);
          square(at, row + (<usize>(j + t) << 2), scores + (<usize>t << 6));
        }
        choose(scores, kept + place, group, keep);
      }
      const row = ut + (<usize>(j * utStride) << 2);
      subtract(source + place, row, start, j, work);
      const d = v128.load_splat<f32>(row + (<usize>j << 2));
      if (codes == 0) {
        for (let lane: usize = 0; lane < 64; lane += 16)
          drop(source + place + lane, kept + place + lane, d, own + place + lane, work + place + lane);
        continue;
      }
      const grid = <usize>load<i32>(groupOf + (<usize>(first + j) << 2)) * padded + (<usize>s << 6);
      round(source + place, kept + place, d, scales + grid, zeros + grid, maxCode, ties, own + place, work + place, out + (<usize>j << 4));
    }
  }
}

/** x −= Σ_{from ≤ i < to} err_i·U_i, for the 16 rows of one column; u points to row j of Uᵀ. */
// @ts-ignore: decorator
@inline
function subtract(x: usize, u: usize, from: i32, to: i32, errors: usize): void {
  let x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48);
  let p = u + (<usize>from << 2);
  let e = errors + (<usize>from << 6);
  const end = errors + (<usize>to << 6);
  for (; e < end; e += 64) {
    const s = v128.load_splat<f32>(p);
    p += 4;
    x0 = f32x4.sub(x0, f32x4.mul(s, v128.load(e)));
    x1 = f32x4.sub(x1, f32x4.mul(s, v128.load(e, 16)));
    x2 = f32x4.sub(x2, f32x4.mul(s, v128.load(e, 32)));
    x3 = f32x4.sub(x3, f32x4.mul(s, v128.load(e, 48)));
  }
  v128.store(x, x0);
  v128.store(x, x1, 16);
  v128.store(x, x2, 32);
  v128.store(x, x3, 48);
}

/** score = x² / U_jj². */
function square(x: usize, u: usize, out: usize): void {
  const d = v128.load_splat<f32>(u);
  const dd = f32x4.mul(d, d);
  for (let lane: usize = 0; lane < 64; lane += 16) {
    const v = v128.load(x + lane);
    v128.store(out + lane, f32x4.div(f32x4.mul(v, v), dd));
  }
}

/** Keeps, in each of 16 rows, the `keep` largest of m scores; of equals the later stays. */
function choose(scores: usize, mask: usize, m: i32, keep: i32): void {
  const limit = i32x4.splat(keep);
  for (let lane: usize = 0; lane < 64; lane += 16)
    for (let t = 0; t < m; t++) {
      const own = v128.load(scores + (<usize>t << 6) + lane);
      let above = i32x4.splat(0);
      for (let u = 0; u < m; u++) {
        const other = v128.load(scores + (<usize>u << 6) + lane);
        // A comparison that holds is −1.
        if (u < t) above = i32x4.sub(above, f32x4.gt(other, own));
        else if (u > t) above = i32x4.sub(above, f32x4.ge(other, own));
      }
      v128.store(mask + (<usize>t << 6) + lane, i32x4.lt_s(above, limit));
    }
}

// @ts-ignore: decorator
@inline
function drop(x: usize, mask: usize, d: v128, w: usize, error: usize): void {
  const value = v128.load(x);
  const hat = v128.and(value, v128.load(mask));
  v128.store(x, hat);
  v128.store(error, f32x4.div(f32x4.sub(value, hat), d));
  v128.store(w, f32x4.sub(v128.load(w), hat));
}

function round(
  x: usize, mask: usize, d: v128, scales: usize, zeros: usize,
  maxCode: i32, ties: i32, w: usize, error: usize, codes: usize,
): void {
  const top = f32x4.splat(<f32>maxCode);
  const q0 = settle(x, mask, d, scales, zeros, top, ties, w, error);
  const q1 = settle(x + 16, mask + 16, d, scales + 16, zeros + 16, top, ties, w + 16, error + 16);
  const q2 = settle(x + 32, mask + 32, d, scales + 32, zeros + 32, top, ties, w + 32, error + 32);
  const q3 = settle(x + 48, mask + 48, d, scales + 48, zeros + 48, top, ties, w + 48, error + 48);
  v128.store(codes, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(q0, q1), i16x8.narrow_i32x4_s(q2, q3)));
}

/** Drops or rounds 4 rows of one column; returns the codes. A dropped weight gets the code of 0. */
// @ts-ignore: decorator
@inline
function settle(
  x: usize, mask: usize, d: v128, scales: usize, zeros: usize, top: v128, ties: i32, w: usize, error: usize,
): v128 {
  const scale = v128.load(scales), zero = v128.load(zeros);
  const value = v128.load(x);
  const kept = v128.and(value, v128.load(mask));
  const code = ties ? codeFloor(kept, scale, zero, top) : codeNearest(kept, scale, zero, top);
  const hat = f32x4.mul(scale, f32x4.sub(code, zero));
  v128.store(x, hat);
  v128.store(error, f32x4.div(f32x4.sub(value, hat), d));
  v128.store(w, f32x4.sub(v128.load(w), hat));
  return i32x4.trunc_sat_f32x4_s(code);
}
