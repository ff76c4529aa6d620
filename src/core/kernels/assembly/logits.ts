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

/**
 * One model alone: out: 2 float64 per row, max p and Σe^(p − max p), the same bits as in `compareRows`.
 */
export function normaliseRows(p: usize, rows: i32, n: i32, out: usize): void {
  for (let r = 0; r < rows; r++) {
    const a = maximum(p, n);
    store<f64>(out, <f64>a);
    store<f64>(out, sumAlone(p, n, a), 8);
    p += <usize>n << 2;
    out += 16;
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
 * The last n mod 4 entries go one by one, as the first lane of a vector.
 */
function sums(p: usize, q: usize, n: i32, a: f32, b: f32, out: usize): void {
  store<f64>(out, 0);
  store<f64>(out, 0, 8);
  store<f64>(out, 0, 16);
  store<f64>(out, 0, 24);
  let i = 0;
  for (; i + 4 <= n; i += 128) {
    const count = min(128, (n & ~3) - i);
    addRun(p, q, count, a, b, out, 4);
    p += <usize>count << 2;
    q += <usize>count << 2;
  }
  for (i = n & 3; i > 0; i--) {
    v128.store(PADDED, v128.load_splat<f32>(p));
    v128.store(PADDED, v128.load_splat<f32>(q), 16);
    addRun(PADDED, PADDED + 16, 4, a, b, out, 1);
    p += 4;
    q += 4;
  }
}

const PADDED = memory.data(32, 16);

/**
 * Adds `count` (a multiple of 4) entries to the four sums; `used` = 1 counts only the first lane.
 * WHY constants in locals and not read where they are used: V8 puts all loads of a loop body first, and
 * spills them.
 */
function addRun(p: usize, q: usize, count: i32, a: f32, b: f32, out: usize, used: i32): void {
  const maxP = f32x4.splat(a), floorP = f32x4.splat(a - DEPTH), floorQ = f32x4.splat(b - DEPTH);
  const shift = f32x4.splat(b - a);
  const log2e = float4(4), ln2High = float4(8), ln2Low = float4(12);
  const e6 = float4(16), e5 = float4(20), e4 = float4(24), e3 = float4(28), e2 = float4(32), e1 = float4(36);
  const one = float4(40), bias = float4(44);
  const f8 = float4(48), f7 = float4(52), f6 = float4(56), f5 = float4(60), f4 = float4(64), f3 = float4(68);
  const half = float4(72);
  let rp = f32x4.splat(0), rq = rp, rt = rp, rr = rp;
  const end = p + (<usize>count << 2);
  for (; p < end; p += 16) {
    const x = f32x4.pmax(v128.load(p), floorP);
    const t = f32x4.sub(f32x4.sub(f32x4.pmax(v128.load(q), floorQ), x), shift);
    const ex = exponential(f32x4.sub(x, maxP), log2e, ln2High, ln2Low, e6, e5, e4, e3, e2, e1, one, bias);
    const et = exponential(t, log2e, ln2High, ln2Low, e6, e5, e4, e3, e2, e1, one, bias);
    // eᵗ − 1 − t ≥ 0; its series where |t| < ½, so that small differences keep all their digits.
    let y = f32x4.add(f32x4.mul(f8, t), f7);
    y = f32x4.add(f32x4.mul(y, t), f6);
    y = f32x4.add(f32x4.mul(y, t), f5);
    y = f32x4.add(f32x4.mul(y, t), f4);
    y = f32x4.add(f32x4.mul(y, t), f3);
    y = f32x4.mul(f32x4.mul(f32x4.add(f32x4.mul(y, t), half), t), t);
    const far = f32x4.sub(f32x4.sub(et, one), t);
    const excess = v128.bitselect(y, far, f32x4.lt(f32x4.abs(t), half));
    rp = f32x4.add(rp, ex);
    rq = f32x4.add(rq, f32x4.mul(ex, et));
    rt = f32x4.add(rt, f32x4.mul(ex, t));
    rr = f32x4.add(rr, f32x4.mul(ex, excess));
    q += 16;
  }
  accumulate(out, rp, used);
  accumulate(out + 8, rq, used);
  accumulate(out + 16, rt, used);
  accumulate(out + 24, rr, used);
}

/** Σe^(p − a), in the order and the roundings of `sums`. */
function sumAlone(p: usize, n: i32, a: f32): f64 {
  let total: f64 = 0;
  let i = 0;
  for (; i + 4 <= n; i += 128) {
    const count = min(128, (n & ~3) - i);
    total += lanes(runAlone(p, count, a));
    p += <usize>count << 2;
  }
  for (i = n & 3; i > 0; i--) {
    v128.store(PADDED, v128.load_splat<f32>(p));
    total += <f64>f32x4.extract_lane(runAlone(PADDED, 4, a), 0);
    p += 4;
  }
  return total;
}

function runAlone(p: usize, count: i32, a: f32): v128 {
  const maxP = f32x4.splat(a), floorP = f32x4.splat(a - DEPTH);
  const log2e = float4(4), ln2High = float4(8), ln2Low = float4(12);
  const e6 = float4(16), e5 = float4(20), e4 = float4(24), e3 = float4(28), e2 = float4(32), e1 = float4(36);
  const one = float4(40), bias = float4(44);
  let rp = f32x4.splat(0);
  const end = p + (<usize>count << 2);
  for (; p < end; p += 16) {
    const x = f32x4.pmax(v128.load(p), floorP);
    const ex = exponential(f32x4.sub(x, maxP), log2e, ln2High, ln2Low, e6, e5, e4, e3, e2, e1, one, bias);
    rp = f32x4.add(rp, ex);
  }
  return rp;
}

// @ts-ignore: decorator
@inline
function accumulate(out: usize, v: v128, used: i32): void {
  store<f64>(out, load<f64>(out) + (used == 1 ? <f64>f32x4.extract_lane(v, 0) : lanes(v)));
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
function exponential(
  x: v128, log2e: v128, ln2High: v128, ln2Low: v128,
  e6: v128, e5: v128, e4: v128, e3: v128, e2: v128, e1: v128, one: v128, bias: v128,
): v128 {
  const k = f32x4.nearest(f32x4.mul(x, log2e));
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(k, ln2High)), f32x4.mul(k, ln2Low));
  let y = f32x4.add(f32x4.mul(e6, r), e5);
  y = f32x4.add(f32x4.mul(y, r), e4);
  y = f32x4.add(f32x4.mul(y, r), e3);
  y = f32x4.add(f32x4.mul(y, r), e2);
  y = f32x4.add(f32x4.mul(y, r), e1);
  y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(y, r), r), r), one);
  // k + 127 as an integer in the low mantissa bits, moved up to the exponent.
  return f32x4.mul(y, i32x4.shl(f32x4.add(k, bias), 23));
}
