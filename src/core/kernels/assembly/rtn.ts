// Round-to-nearest. Every operation is float32 and in the order of rtn-oracle.ts: bit-equal to it.

const MINMAX: i32 = 0;
const ABSMAX: i32 = 1;
const SIGNED_MAX: i32 = 2;

/** Scale and zero code of every group of [rows, columns]. range: 0 minmax, 1 absmax, 2 signed-max. */
export function findGrids(
  values: usize, rows: i32, columns: i32, groupSize: i32, bits: i32, range: i32, scales: usize, zeros: usize,
): void {
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c += groupSize) {
      const n = min(groupSize, columns - c);
      findGrid(values, n, bits, range, scales, zeros);
      values += <usize>n << 2;
      scales += 4;
      zeros += 1;
    }
}

export function findGrid(values: usize, n: i32, bits: i32, range: i32, scale: usize, zero: usize): void {
  let low: f32 = 0;
  let high: f32 = 0;
  const tail = n & 15;
  const end = values + (<usize>(n - tail) << 2);
  let l0 = f32x4.splat(0), l1 = f32x4.splat(0), h0 = f32x4.splat(0), h1 = f32x4.splat(0);
  for (let p = values; p < end; p += 64) {
    const a = v128.load(p), b = v128.load(p, 16), c = v128.load(p, 32), d = v128.load(p, 48);
    l0 = f32x4.min(l0, f32x4.min(a, b));
    l1 = f32x4.min(l1, f32x4.min(c, d));
    h0 = f32x4.max(h0, f32x4.max(a, b));
    h1 = f32x4.max(h1, f32x4.max(c, d));
  }
  low = minLane(f32x4.min(l0, l1));
  high = maxLane(f32x4.max(h0, h1));
  for (let i = 0; i < tail; i++) {
    const v = load<f32>(end + (<usize>i << 2));
    low = min(low, v);
    high = max(high, v);
  }
  if (range == SIGNED_MAX) low = signedMax(values, n, low, high);
  setGrid(low, high, bits, range, scale, zero);
}

/** Grid of a span; for signed-max `low` is the value of largest magnitude. */
export function setGrid(low: f32, high: f32, bits: i32, range: i32, scale: usize, zero: usize): void {
  const middle = 1 << (bits - 1);
  if (range == SIGNED_MAX) {
    store<f32>(scale, low / -(<f32>middle) + 0);
    store<u8>(zero, middle);
    return;
  }
  if (low == 0 && high == 0) {
    low = -1;
    high = 1;
  }
  if (range == ABSMAX) {
    high = max(-low, high);
    low = -high;
  }
  const s: f32 = (high - low) / <f32>((1 << bits) - 1);
  store<f32>(scale, s);
  store<u8>(zero, range == MINMAX ? <u8>nearest(-low / s) : <u8>middle);
}

/** The value of largest magnitude; the first of equals, as onnxruntime and ggml take it. */
function signedMax(values: usize, n: i32, low: f32, high: f32): f32 {
  if (low != low || -low > high) return low;
  if (high > -low) return high;
  for (let i = 0; i < n; i++) {
    const v = load<f32>(values + (<usize>i << 2));
    if (abs(v) == high) return v;
  }
  return low;
}

// @ts-ignore: decorator
@inline
function minLane(v: v128): f32 {
  return min(
    min(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    min(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

// @ts-ignore: decorator
@inline
function maxLane(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/** Codes of [rows, columns] on known grids. */
export function encodeRows(
  values: usize, rows: i32, columns: i32, groupSize: i32, bits: i32, range: i32,
  scales: usize, zeros: usize, codes: usize,
): void {
  const top = (1 << bits) - 1;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c += groupSize) {
      const n = min(groupSize, columns - c);
      const scale = load<f32>(scales), zero = <f32>load<u8>(zeros);
      if (range == SIGNED_MAX) encodeFloor(values, n, scale, zero, top, codes);
      else encodeNearest(values, n, scale, zero, top, codes);
      values += <usize>n << 2;
      codes += n;
      scales += 4;
      zeros += 1;
    }
}

function encodeNearest(values: usize, n: i32, scale: f32, zero: f32, top: i32, codes: usize): void {
  const s = f32x4.splat(scale), z = f32x4.splat(zero), t = f32x4.splat(<f32>top);
  const end = codes + <usize>(n & ~15);
  for (; codes < end; codes += 16) {
    const a = nearest4(v128.load(values), s, z, t), b = nearest4(v128.load(values, 16), s, z, t);
    const c = nearest4(v128.load(values, 32), s, z, t), d = nearest4(v128.load(values, 48), s, z, t);
    v128.store(codes, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
    values += 64;
  }
  for (let i = n & 15; i > 0; i--) {
    const q = nearest(load<f32>(values) / scale) + zero;
    store<u8>(codes++, <u8>max(min(q, <f32>top), 0));
    values += 4;
  }
}

// @ts-ignore: decorator
@inline
function nearest4(x: v128, s: v128, z: v128, t: v128): v128 {
  const q = f32x4.add(f32x4.nearest(f32x4.div(x, s)), z);
  return bits4(f32x4.min(f32x4.max(q, f32x4.splat(0)), t));
}

/**
 * Integers 0 ≤ q < 2^15 as i32. WHY not trunc_sat: adding 2^23 puts the integer into the low mantissa
 * bits in one instruction, trunc_sat costs six on x86.
 */
// @ts-ignore: decorator
@inline
function bits4(q: v128): v128 {
  return v128.and(f32x4.add(q, f32x4.splat(8388608)), i32x4.splat(0xffff));
}

function encodeFloor(values: usize, n: i32, scale: f32, zero: f32, top: i32, codes: usize): void {
  const reciprocal: f32 = scale == 0 ? 0 : <f32>1 / scale;
  const r = f32x4.splat(reciprocal), h = f32x4.splat(zero + 0.5), t = f32x4.splat(<f32>top);
  const end = codes + <usize>(n & ~15);
  for (; codes < end; codes += 16) {
    const a = floor4(v128.load(values), r, h, t), b = floor4(v128.load(values, 16), r, h, t);
    const c = floor4(v128.load(values, 32), r, h, t), d = floor4(v128.load(values, 48), r, h, t);
    v128.store(codes, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
    values += 64;
  }
  for (let i = n & 15; i > 0; i--) {
    const q = floor(load<f32>(values) * reciprocal + (zero + 0.5));
    store<u8>(codes++, <u8>max(min(q, <f32>top), 0));
    values += 4;
  }
}

// @ts-ignore: decorator
@inline
function floor4(x: v128, r: v128, h: v128, t: v128): v128 {
  const q = f32x4.floor(f32x4.add(f32x4.mul(x, r), h));
  return bits4(f32x4.min(f32x4.max(q, f32x4.splat(0)), t));
}

/**
 * Fused 4-bit blocks of a contiguous run: grid, codes and nibbles in one pass over each block.
 * blockSize: a multiple of 16. packed: blockSize/2 bytes per block, low nibble first.
 */
export function quantizeBlocks4(
  values: usize, blocks: i32, blockSize: i32, range: i32, scales: usize, zeros: usize, packed: usize,
): void {
  for (let b = 0; b < blocks; b++) {
    findGrid(values, blockSize, 4, range, scales, zeros);
    if (range == SIGNED_MAX) packFloor(values, blockSize, load<f32>(scales), packed);
    else packNearest(values, blockSize, load<f32>(scales), <f32>load<u8>(zeros), packed);
    values += <usize>blockSize << 2;
    packed += <usize>blockSize >> 1;
    scales += 4;
    zeros += 1;
  }
}

// @ts-ignore: decorator
@inline
function packFloor(values: usize, n: i32, scale: f32, packed: usize): void {
  const r = f32x4.splat(scale == 0 ? 0 : <f32>1 / scale), h = f32x4.splat(8.5), t = f32x4.splat(15);
  const end = packed + (<usize>n >> 1);
  for (; packed < end; packed += 8) {
    const a = floor4(v128.load(values), r, h, t), b = floor4(v128.load(values, 16), r, h, t);
    const c = floor4(v128.load(values, 32), r, h, t), d = floor4(v128.load(values, 48), r, h, t);
    storeNibbles(packed, a, b, c, d);
    values += 64;
  }
}

// @ts-ignore: decorator
@inline
function packNearest(values: usize, n: i32, scale: f32, zero: f32, packed: usize): void {
  const s = f32x4.splat(scale), z = f32x4.splat(zero), t = f32x4.splat(15);
  const end = packed + (<usize>n >> 1);
  for (; packed < end; packed += 8) {
    const a = nearest4(v128.load(values), s, z, t), b = nearest4(v128.load(values, 16), s, z, t);
    const c = nearest4(v128.load(values, 32), s, z, t), d = nearest4(v128.load(values, 48), s, z, t);
    storeNibbles(packed, a, b, c, d);
    values += 64;
  }
}

/** 16 codes in 4 vectors → 8 bytes: even code + 16·odd code by one multiply-add of neighbours. */
// @ts-ignore: decorator
@inline
function storeNibbles(packed: usize, a: v128, b: v128, c: v128, d: v128): void {
  const w = i32x4.splat(0x00100001);
  const ab = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(a, b), w);
  const cd = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(c, d), w);
  const bytes = i16x8.narrow_i32x4_s(ab, cd);
  v128.store64_lane(packed, i8x16.narrow_i16x8_u(bytes, bytes), 0);
}
