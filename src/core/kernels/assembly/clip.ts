import { float4, int4 } from './constants';
import { findGrid, setGrid } from './rtn';

const STEPS: i32 = 80;

/**
 * Clip search of every group of [rows, columns]: of 80 shrunk ranges the one with the smallest
 * Σ|ŵ − w|^2.4 (float32 terms, four float64 lanes), written over scales and zeros.
 * low/high of the full range are found again from the values.
 */
export function clipErrors(
  values: usize, rows: i32, columns: i32, groupSize: i32, bits: i32, range: i32, scales: usize, zeros: usize, work: usize,
): void {
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c += groupSize) {
      const n = min(groupSize, columns - c);
      searchGroup(values, n, bits, range, scales, zeros, work);
      values += <usize>n << 2;
      scales += 4;
      zeros += 1;
    }
}

function searchGroup(values: usize, n: i32, bits: i32, range: i32, scale: usize, zero: usize, work: usize): void {
  findGrid(values, n, bits, range, scale, zero);
  spanOf(values, n, range, work);
  const low = load<f32>(work), high = load<f32>(work, 4);
  let best = f64.MAX_VALUE;
  for (let step = 0; step < STEPS; step++) {
    const p = <f32>(1 - <f64>step / 100);
    setGrid(p * low, p * high, bits, range, work + 8, work + 12);
    const s = load<f32>(work, 8);
    const z = load<u8>(work, 12);
    const error = gridError(values, n, s, <f32>z, <f32>((1 << bits) - 1), range == 2, work + 16);
    if (error < best) {
      best = error;
      store<f32>(scale, s);
      store<u8>(zero, z);
    }
  }
}

/** low, high of a group (signed-max: low is the value of largest magnitude) → out. */
export function spanOf(values: usize, n: i32, range: i32, out: usize): void {
  let low: f32 = 0, high: f32 = 0, signed: f32 = 0;
  for (let i = 0; i < n; i++) {
    const v = load<f32>(values + (<usize>i << 2));
    low = min(low, v);
    high = max(high, v);
    if (abs(v) > abs(signed)) signed = v;
  }
  store<f32>(out, range == 2 ? signed : low);
  store<f32>(out, high, 4);
}

function gridError(values: usize, n: i32, scale: f32, zero: f32, top: f32, ties: bool, tail: usize): f64 {
  const s = f32x4.splat(scale), z = f32x4.splat(zero), t = f32x4.splat(top);
  const r = f32x4.splat(scale == 0 ? 0 : <f32>1 / scale), h = f32x4.splat(zero + 0.5);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (let i = 0; i < n; i += 4) {
    let x: v128;
    if (i + 4 <= n) x = v128.load(values);
    else {
      v128.store(tail, f32x4.splat(0));
      memory.copy(tail, values, <usize>(n - i) << 2);
      x = v128.load(tail);
    }
    const q = ties
      ? f32x4.floor(f32x4.add(f32x4.mul(x, r), h))
      : f32x4.add(f32x4.nearest(f32x4.div(x, s)), z);
    const code = f32x4.pmin(f32x4.pmax(q, f32x4.splat(0)), t);
    const e = power(f32x4.sub(f32x4.mul(s, f32x4.sub(code, z)), x));
    low = f64x2.add(low, f64x2.promote_low_f32x4(e));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(e, e, 2, 3, 2, 3)));
    values += 16;
  }
  const a = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  return a + (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1));
}

/** |x|^2.4, see arithmetic.ts: a fifth root by three Newton steps, the same operations in the same order. */
// @ts-ignore: decorator
@inline
function power(x: v128): v128 {
  const y = f32x4.mul(x, x);
  const fifth = float4(76);
  const guess = i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.convert_i32x4_s(y), fifth));
  let t = i32x4.add(guess, int4(12));
  t = newton(t, y, fifth);
  t = newton(t, y, fifth);
  t = newton(t, y, fifth);
  return v128.andnot(f32x4.mul(y, t), f32x4.lt(y, float4(84)));
}

// @ts-ignore: decorator
@inline
function newton(t: v128, y: v128, fifth: v128): v128 {
  const t2 = f32x4.mul(t, t);
  const quotient = f32x4.div(y, f32x4.mul(t2, t2));
  return f32x4.mul(f32x4.add(f32x4.mul(t, float4(80)), quotient), fifth);
}
