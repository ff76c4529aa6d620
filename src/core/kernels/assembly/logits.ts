// Rows of two models' logits → log-normalisers, KL, argmax agreement.

/** Below this distance from the maximum e^x is taken as e^−87 (1.6e-38): no denormals, no −∞ − −∞. */
const FLOOR: f32 = -87;

/**
 * out: 5 float64 per row: max p, max q, Σe^(p−max), Σe^(q−max), Σe^(p−max)·((p−max)−(q−max));
 * same: 1 byte per row, 1 when the first maxima of p and q are at the same entry.
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
    out += 40;
    same += 1;
  }
}

function maximum(x: usize, n: i32): f32 {
  let m0 = f32x4.splat(-Infinity), m1 = m0, m2 = m0, m3 = m0;
  const end = x + (<usize>(n & ~15) << 2);
  for (; x < end; x += 64) {
    m0 = f32x4.max(m0, v128.load(x));
    m1 = f32x4.max(m1, v128.load(x, 16));
    m2 = f32x4.max(m2, v128.load(x, 32));
    m3 = f32x4.max(m3, v128.load(x, 48));
  }
  m0 = f32x4.max(f32x4.max(m0, m1), f32x4.max(m2, m3));
  let m = max(
    max(f32x4.extract_lane(m0, 0), f32x4.extract_lane(m0, 1)),
    max(f32x4.extract_lane(m0, 2), f32x4.extract_lane(m0, 3)),
  );
  for (let i = n & 15; i > 0; i--) {
    m = max(m, load<f32>(x));
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
  let sp: f64 = 0, sq: f64 = 0, sd: f64 = 0;
  const va = f32x4.splat(a), vb = f32x4.splat(b), bottom = f32x4.splat(FLOOR);
  let i = 0;
  while (i + 4 <= n) {
    const stop = min(n & ~3, i + 128);
    let rp = f32x4.splat(0), rq = rp, rd = rp;
    for (; i < stop; i += 4) {
      const x = f32x4.max(f32x4.sub(v128.load(p), va), bottom);
      const y = f32x4.max(f32x4.sub(v128.load(q), vb), bottom);
      const ex = exponential(x);
      rp = f32x4.add(rp, ex);
      rq = f32x4.add(rq, exponential(y));
      rd = f32x4.add(rd, f32x4.mul(ex, f32x4.sub(x, y)));
      p += 16;
      q += 16;
    }
    sp += lanes(rp);
    sq += lanes(rq);
    sd += lanes(rd);
  }
  for (; i < n; i++) {
    const x = max(load<f32>(p) - a, FLOOR), y = max(load<f32>(q) - b, FLOOR);
    const ex = <f64>f32x4.extract_lane(exponential(f32x4.splat(x)), 0);
    sp += ex;
    sq += <f64>f32x4.extract_lane(exponential(f32x4.splat(y)), 0);
    sd += ex * <f64>(x - y);
    p += 4;
    q += 4;
  }
  store<f64>(out, sp);
  store<f64>(out, sq, 8);
  store<f64>(out, sd, 16);
}

// @ts-ignore: decorator
@inline
function lanes(v: v128): f64 {
  return <f64>f32x4.extract_lane(v, 0) + <f64>f32x4.extract_lane(v, 1)
    + (<f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3));
}

/**
 * e^x for −87 ≤ x ≤ 0: x = k·ln 2 + r, |r| ≤ ln 2 / 2, Taylor-like minimax polynomial of degree 6 in r
 * (Cephes expf), times 2^k through the exponent bits. Relative error below 1.5e-7.
 */
// @ts-ignore: decorator
@inline
function exponential(x: v128): v128 {
  const k = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(x, f32x4.mul(k, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(k, f32x4.splat(-2.12194440e-4)));
  let y = f32x4.splat(1.9875691500e-4);
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.3981999507e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(8.3334519073e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(4.1665795894e-2));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.6666665459e-1));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(5.0000001201e-1));
  y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(y, r), r), r), f32x4.splat(1));
  // k + 127 as an integer in the low mantissa bits, moved up to the exponent.
  const power = i32x4.shl(f32x4.add(k, f32x4.splat(8388608 + 127)), 23);
  return f32x4.mul(y, power);
}
