import { findGrid, setGrid } from './rtn';
import { spanOf } from './clip';

const SHRINKS: i32 = 80;

/** Values whose errors are summed in float32 before they enter the float64 sum, as in clip-oracle.ts. */
const PIECE: i32 = 256;

/**
 * opt-RTN's search of every group of [rows, columns]: of all scales tried the one with the smallest Σ m·(ŵ − w)², written
 * over scales and zeros. importance: m of the columns, 0 for ones. Bit-equal to clip-oracle.ts.
 */
export function searchScales(
  values: usize, rows: i32, columns: i32, groupSize: i32, bits: i32, range: i32, importance: usize, scales: usize,
  zeros: usize, work: usize,
): void {
  for (let r = 0; r < rows; r++) {
    let m = importance;
    for (let c = 0; c < columns; c += groupSize) {
      const n = min(groupSize, columns - c);
      findGrid(values, n, bits, range, scales, zeros);
      const found = load<f32>(scales);
      if (found - found == 0 && found != 0) {
        spanOf(values, n, range, work);
        if (range == 2) searchSigned(values, n, bits, m, scales, work);
        else searchShrunk(values, n, bits, range, m, scales, zeros, work);
      }
      values += <usize>n << 2;
      if (m) m += <usize>n << 2;
      scales += 4;
      zeros += 1;
    }
  }
}

function searchSigned(values: usize, n: i32, bits: i32, m: usize, scale: usize, work: usize): void {
  const middle = 1 << (bits - 1);
  const top = <f32>((1 << bits) - 1), zero = <f32>middle;
  const count = bits == 2 ? 90 : 100;
  const width: f64 = bits == 2 ? 0.01 : (<f64>middle * 0.75) / 100;
  const reciprocal = <f32>1 / load<f32>(work);
  let best = squaredError(values, n, load<f32>(scale), zero, top, m, work + 16);
  for (let k = -count; k <= count; k++) {
    const inverse = <f32>(<f64>k * width - <f64>middle) * reciprocal;
    if (k == 0 || inverse == 0) continue;
    const s = <f32>1 / inverse;
    const error = squaredError(values, n, s, zero, top, m, work + 16);
    if (error < best) {
      best = error;
      store<f32>(scale, s);
    }
  }
}

function searchShrunk(
  values: usize, n: i32, bits: i32, range: i32, m: usize, scale: usize, zero: usize, work: usize,
): void {
  const low = load<f32>(work), high = load<f32>(work, 4);
  const top = <f32>((1 << bits) - 1);
  let best = squaredError(values, n, load<f32>(scale), <f32>load<u8>(zero), top, m, work + 16);
  for (let step = 1; step < SHRINKS; step++) {
    const p = <f32>(1 - <f64>step / 100);
    setGrid(p * low, p * high, bits, range, work + 8, work + 12);
    const s = load<f32>(work, 8);
    const z = load<u8>(work, 12);
    const error = squaredError(values, n, s, <f32>z, top, m, work + 16);
    if (error < best) {
      best = error;
      store<f32>(scale, s);
      store<u8>(zero, z);
    }
  }
}

function squaredError(values: usize, n: i32, scale: f32, zero: f32, top: f32, m: usize, tail: usize): f64 {
  const s = f32x4.splat(scale), r = f32x4.splat(scale == 0 ? 0 : <f32>1 / scale);
  const low = f32x4.splat(-zero), high = f32x4.splat(top - zero);
  let sum: f64 = 0;
  while (n > 0) {
    const piece = min(n, PIECE);
    let lanes = f32x4.splat(0);
    for (let i = piece >> 2; i > 0; i--) {
      const e = squared(v128.load(values), s, r, low, high);
      lanes = f32x4.add(lanes, m ? f32x4.mul(e, v128.load(m)) : e);
      values += 16;
      if (m) m += 16;
    }
    const left = piece & 3;
    if (left > 0) {
      const e = squared(padded(values, left, tail), s, r, low, high);
      lanes = f32x4.add(lanes, m ? f32x4.mul(e, padded(m, left, tail)) : e);
    }
    const a = <f64>f32x4.extract_lane(lanes, 0) + <f64>f32x4.extract_lane(lanes, 1);
    sum += a + (<f64>f32x4.extract_lane(lanes, 2) + <f64>f32x4.extract_lane(lanes, 3));
    n -= piece;
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function squared(x: v128, s: v128, r: v128, low: v128, high: v128): v128 {
  const q = f32x4.pmin(f32x4.pmax(f32x4.nearest(f32x4.mul(x, r)), low), high);
  const e = f32x4.sub(f32x4.mul(s, q), x);
  return f32x4.mul(e, e);
}

/** The last one to three values, and zeros. */
function padded(values: usize, count: i32, tail: usize): v128 {
  v128.store(tail, f32x4.splat(0));
  memory.copy(tail, values, <usize>count << 2);
  return v128.load(tail);
}
