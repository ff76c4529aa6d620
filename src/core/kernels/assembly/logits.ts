// Rows of two models' logits → log-normalisers, KL, argmax agreement.
import { float4 } from './constants';

/** Entries further below the maximum count as this far below (e^−87 = 1.6e-38): no denormals, no −∞ − −∞. */
const DEPTH: f32 = 87;

/**
 * With a = p − max p, t = (q − max q) − a. out: 6 float64 per row: max p, max q, Σeᵃ, Σeᵃeᵗ, Σeᵃt,
 * Σeᵃ(eᵗ − 1 − t). same: 1 byte per row, 1 when the first maxima of p and q are at the same entry.
 */
export function compareRows(p: usize, q: usize, rows: i32, n: i32, out: usize, same: usize): void {
  const bytes = <usize>n << 2;
  for (let r = 0; r < rows; r++) {
    const a = maximum(p, n), b = maximum(q, n);
    store<f64>(out, <f64>a);
    store<f64>(out, <f64>b, 8);
    sums(p, q, n, a, b, out + 16);
    const first = firstAt(p, n, a);
    store<u8>(same, first >= 0 && first == firstAt(q, n, b) ? 1 : 0);
    p += bytes;
    q += bytes;
    out += 48;
    same += 1;
  }
}

/** Largest entry, NaN left out: pmax is one instruction and NaN shows up in the sums anyway. */
function maximum(x: usize, n: i32): f32 {
  let m0 = f32x4.splat(-Infinity), m1 = m0, m2 = m0, m3 = m0;
  const end = x + (<usize>(n & ~15) << 2);
  for (; x < end; x += 64) {
    m0 = f32x4.pmax(m0, v128.load(x));
    m1 = f32x4.pmax(m1, v128.load(x, 16));
    m2 = f32x4.pmax(m2, v128.load(x, 32));
    m3 = f32x4.pmax(m3, v128.load(x, 48));
  }
  m0 = f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3));
  m0 = f32x4.pmax(m0, v128.shuffle<f32>(m0, m0, 2, 3, 0, 1));
  m0 = f32x4.pmax(m0, v128.shuffle<f32>(m0, m0, 1, 0, 3, 2));
  let m = f32x4.extract_lane(m0, 0);
  for (let i = n & 15; i > 0; i--) {
    const v = load<f32>(x);
    if (v > m) m = v;
    x += 4;
  }
  return m;
}

function firstAt(x: usize, n: i32, value: f32): i32 {
  const v = f32x4.splat(value);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    if (v128.any_true(f32x4.eq(v, v128.load(x + (<usize>i << 2))))) break;
  }
  for (; i < n; i++) if (load<f32>(x + (<usize>i << 2)) == value) return i;
  return -1;
}

/**
 * WHY float32 runs of 128 entries inside float64 sums: the rounding of a run of 32 additions per lane is
 * below that of the exponential itself, and the float64 part costs nothing.
 */
function sums(p: usize, q: usize, n: i32, a: f32, b: f32, out: usize): void {
  let sp: f64 = 0, sq: f64 = 0, st: f64 = 0, sr: f64 = 0;
  const maxP = f32x4.splat(a), floorP = f32x4.splat(a - DEPTH), floorQ = f32x4.splat(b - DEPTH);
  const shift = f32x4.splat(b - a);
  let i = 0;
  while (i + 4 <= n) {
    const stop = min(n & ~3, i + 128);
    let rp = f32x4.splat(0), rq = rp, rt = rp, rr = rp;
    for (; i < stop; i += 4) {
      const x = f32x4.pmax(v128.load(p), floorP);
      const t = f32x4.sub(f32x4.sub(f32x4.pmax(v128.load(q), floorQ), x), shift);
      const ex = exponential(f32x4.sub(x, maxP));
      const et = exponential(t);
      rp = f32x4.add(rp, ex);
      rq = f32x4.add(rq, f32x4.mul(ex, et));
      rt = f32x4.add(rt, f32x4.mul(ex, t));
      rr = f32x4.add(rr, f32x4.mul(ex, remainder(t, et)));
      p += 16;
      q += 16;
    }
    sp += lanes(rp);
    sq += lanes(rq);
    st += lanes(rt);
    sr += lanes(rr);
  }
  for (; i < n; i++) {
    const x = f32x4.pmax(v128.load_splat<f32>(p), floorP);
    const t = f32x4.sub(f32x4.sub(f32x4.pmax(v128.load_splat<f32>(q), floorQ), x), shift);
    const ex = exponential(f32x4.sub(x, maxP));
    const et = exponential(t);
    sp += <f64>f32x4.extract_lane(ex, 0);
    sq += <f64>f32x4.extract_lane(f32x4.mul(ex, et), 0);
    st += <f64>f32x4.extract_lane(f32x4.mul(ex, t), 0);
    sr += <f64>f32x4.extract_lane(f32x4.mul(ex, remainder(t, et)), 0);
    p += 4;
    q += 4;
  }
  store<f64>(out, sp);
  store<f64>(out, sq, 8);
  store<f64>(out, st, 16);
  store<f64>(out, sr, 24);
}

/** eᵗ − 1 − t ≥ 0; its series where |t| < ½, so that small differences keep all their digits. */
// @ts-ignore: decorator
@inline
function remainder(t: v128, et: v128): v128 {
  let y = float4(48);
  y = f32x4.add(f32x4.mul(y, t), float4(52));
  y = f32x4.add(f32x4.mul(y, t), float4(56));
  y = f32x4.add(f32x4.mul(y, t), float4(60));
  y = f32x4.add(f32x4.mul(y, t), float4(64));
  y = f32x4.add(f32x4.mul(y, t), float4(68));
  y = f32x4.add(f32x4.mul(y, t), float4(72));
  const near = f32x4.lt(f32x4.abs(t), float4(72));
  const far = f32x4.sub(f32x4.sub(et, float4(40)), t);
  return v128.bitselect(f32x4.mul(f32x4.mul(y, t), t), far, near);
}

// @ts-ignore: decorator
@inline
function lanes(v: v128): f64 {
  return <f64>f32x4.extract_lane(v, 0) + <f64>f32x4.extract_lane(v, 1)
    + (<f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3));
}

/**
 * e^x for −87 ≤ x ≤ 87: x = k·ln 2 + r, |r| ≤ ln 2 / 2, Taylor-like minimax polynomial of degree 6 in r
 * (Cephes expf), times 2^k through the exponent bits. Relative error below 1.5e-7.
 */
// @ts-ignore: decorator
@inline
function exponential(x: v128): v128 {
  const k = f32x4.nearest(f32x4.mul(x, float4(4)));
  let r = f32x4.sub(x, f32x4.mul(k, float4(8)));
  r = f32x4.sub(r, f32x4.mul(k, float4(12)));
  let y = float4(16);
  y = f32x4.add(f32x4.mul(y, r), float4(20));
  y = f32x4.add(f32x4.mul(y, r), float4(24));
  y = f32x4.add(f32x4.mul(y, r), float4(28));
  y = f32x4.add(f32x4.mul(y, r), float4(32));
  y = f32x4.add(f32x4.mul(y, r), float4(36));
  y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(y, r), r), r), float4(40));
  // k + 127 as an integer in the low mantissa bits, moved up to the exponent.
  return f32x4.mul(y, i32x4.shl(f32x4.add(k, float4(44)), 23));
}
