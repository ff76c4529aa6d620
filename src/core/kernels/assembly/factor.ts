// Pieces of blocked factorisations. Diagonal blocks are done in float64, panels in float32.

/**
 * Cholesky of the lower half of an n×n block at `a` (row stride in elements), in place; the upper half
 * of the block is left alone. work: n·n float64. Returns −1, or the index of the pivot that is not > 0.
 */
export function choleskyBlock(a: usize, stride: i32, n: i32, work: usize): i32 {
  const row = <usize>n << 3;
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++)
      store<f64>(work + <usize>i * row + (<usize>j << 3), <f64>load<f32>(a + (<usize>(i * stride + j) << 2)));
  for (let i = 0; i < n; i++) {
    const ri = work + <usize>i * row;
    for (let j = 0; j <= i; j++) {
      const rj = work + <usize>j * row;
      const p = ri + (<usize>j << 3);
      const sum = load<f64>(p) - dot(ri, rj, j);
      if (i > j) store<f64>(p, sum / load<f64>(rj + (<usize>j << 3)));
      else if (sum > 0) store<f64>(p, Math.sqrt(sum));
      else return i;
      store<f32>(a + (<usize>(i * stride + j) << 2), <f32>load<f64>(p));
    }
  }
  return -1;
}

function dot(a: usize, b: usize, n: i32): f64 {
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(a), v128.load(b)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
    a += 32;
    b += 32;
  }
  s0 = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (; i < n; i++) {
    sum += load<f64>(a) * load<f64>(b);
    a += 8;
    b += 8;
  }
  return sum;
}

/**
 * Solves X·Lᵀ = B in place for `rows` rows of B: x_j = (b_j − Σ_{i<j} x_i·L_ji) / L_jj.
 * L is the n×n lower block at `l`. work: n·16 floats (16 rows at a time, transposed).
 */
export function solveRows(l: usize, lStride: i32, n: i32, b: usize, bStride: i32, rows: i32, work: usize): void {
  for (let r = 0; r < rows; r += 16) {
    const count = min(16, rows - r);
    const block = b + (<usize>r * <usize>bStride << 2);
    for (let i = 0; i < count; i++)
      for (let j = 0; j < n; j++)
        store<f32>(work + (<usize>(j * 16 + i) << 2), load<f32>(block + (<usize>(i * bStride + j) << 2)));
    for (let j = 0; j < n; j++) solveColumn(l + (<usize>(j * lStride) << 2), j, work);
    for (let i = 0; i < count; i++)
      for (let j = 0; j < n; j++)
        store<f32>(block + (<usize>(i * bStride + j) << 2), load<f32>(work + (<usize>(j * 16 + i) << 2)));
  }
}

function solveColumn(lRow: usize, j: i32, work: usize): void {
  const own = work + (<usize>j << 6);
  let x0 = v128.load(own), x1 = v128.load(own, 16), x2 = v128.load(own, 32), x3 = v128.load(own, 48);
  let done = work;
  for (; done < own; done += 64) {
    const s = v128.load_splat<f32>(lRow);
    lRow += 4;
    x0 = f32x4.sub(x0, f32x4.mul(s, v128.load(done)));
    x1 = f32x4.sub(x1, f32x4.mul(s, v128.load(done, 16)));
    x2 = f32x4.sub(x2, f32x4.mul(s, v128.load(done, 32)));
    x3 = f32x4.sub(x3, f32x4.mul(s, v128.load(done, 48)));
  }
  const d = v128.load_splat<f32>(lRow);
  v128.store(own, f32x4.div(x0, d));
  v128.store(own, f32x4.div(x1, d), 16);
  v128.store(own, f32x4.div(x2, d), 32);
  v128.store(own, f32x4.div(x3, d), 48);
}

/**
 * U = R⁻¹ for the upper triangular n×n R whose element (i, j) lies at r + 4·(i·row + j·column).
 * Writes Uᵀ (lower triangular, rows of n floats) to `out`. work: n·n float64.
 * Row j of Uᵀ: Uᵀ_jj = 1/R_jj, Uᵀ_ji = −(Σ_{i≤k<j} Uᵀ_ki·R_kj)/R_jj, all float64.
 */
export function invertUpper(r: usize, row: i32, column: i32, n: i32, out: usize, work: usize): void {
  const width = <usize>n << 3;
  memory.fill(work, 0, <usize>n * width);
  for (let j = 0; j < n; j++) {
    const own = work + <usize>j * width;
    for (let k = 0; k < j; k++) {
      const factor = <f64>load<f32>(r + (<isize>(k * row + j * column) << 2));
      axpy(own, work + <usize>k * width, factor, k + 1);
    }
    const d = <f64>load<f32>(r + (<isize>(j * row + j * column) << 2));
    for (let i = 0; i < j; i++) {
      const p = own + (<usize>i << 3);
      store<f64>(p, -load<f64>(p) / d);
    }
    store<f64>(own + (<usize>j << 3), 1 / d);
    for (let i = 0; i < n; i++)
      store<f32>(out + (<usize>(j * n + i) << 2), <f32>load<f64>(own + (<usize>i << 3)));
  }
}

/** y += factor·x over n float64. */
function axpy(y: usize, x: usize, factor: f64, n: i32): void {
  const s = f64x2.splat(factor);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(s, v128.load(x))));
    y += 16;
    x += 16;
  }
  if (i < n) store<f64>(y, load<f64>(y) + factor * load<f64>(x));
}
