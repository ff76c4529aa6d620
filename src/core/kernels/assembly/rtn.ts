// Round-to-nearest. Every operation is float32 and in the order of rtn-oracle.ts: bit-equal to it.

import { float4, int4 } from './constants';

const MINMAX: i32 = 0;
const ABSMAX: i32 = 1;
const SIGNED_MAX: i32 = 2;

/** Smallest normal float32. */
const TINY: f32 = 1.1754943508222875e-38;

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
  if (range == SIGNED_MAX) {
    const middle: i32 = 1 << (bits - 1);
    store<f32>(scale, f32x4.extract_lane(signedScale(signedMax(values, n), <f32>middle), 0));
    store<u8>(zero, <u8>middle);
    return;
  }
  const high = f32x4.extract_lane(highest(values, n), 0);
  const lowest4 = lowest(values, n);
  const negative = i32x4.extract_lane(lowest4, 0) < 0;
  setGrid(negative ? f32x4.extract_lane(lowest4, 0) : 0, high, bits, range, scale, zero);
}

/**
 * max(w, 0) in every lane. WHY integer maxima: positive floats order like signed integers, negative ones
 * (by magnitude) like unsigned integers, NaN above all, and each maximum is one instruction, where
 * f32x4.min/max take seven on x86.
 */
// @ts-ignore: decorator
@inline
function highest(values: usize, n: i32): v128 {
  let m0 = i32x4.splat(0), m1 = i32x4.splat(0);
  const tail = n & 15;
  const end = values + (<usize>(n - tail) << 2);
  for (; values < end; values += 64) {
    m0 = i32x4.max_s(m0, i32x4.max_s(v128.load(values), v128.load(values, 16)));
    m1 = i32x4.max_s(m1, i32x4.max_s(v128.load(values, 32), v128.load(values, 48)));
  }
  for (let i = 0; i < tail; i++) m0 = i32x4.max_s(m0, v128.load_splat<f32>(end + (<usize>i << 2)));
  m0 = i32x4.max_s(m0, m1);
  m0 = i32x4.max_s(m0, v128.shuffle<i32>(m0, m0, 2, 3, 0, 1));
  return i32x4.max_s(m0, v128.shuffle<i32>(m0, m0, 1, 0, 3, 2));
}

/** The negative value of largest magnitude in every lane; something positive when there is none. */
// @ts-ignore: decorator
@inline
function lowest(values: usize, n: i32): v128 {
  let m0 = i32x4.splat(0), m1 = i32x4.splat(0);
  const tail = n & 15;
  const end = values + (<usize>(n - tail) << 2);
  for (; values < end; values += 64) {
    m0 = i32x4.max_u(m0, i32x4.max_u(v128.load(values), v128.load(values, 16)));
    m1 = i32x4.max_u(m1, i32x4.max_u(v128.load(values, 32), v128.load(values, 48)));
  }
  for (let i = 0; i < tail; i++) m0 = i32x4.max_u(m0, v128.load_splat<f32>(end + (<usize>i << 2)));
  m0 = i32x4.max_u(m0, m1);
  m0 = i32x4.max_u(m0, v128.shuffle<i32>(m0, m0, 2, 3, 0, 1));
  return i32x4.max_u(m0, v128.shuffle<i32>(m0, m0, 1, 0, 3, 2));
}

/**
 * The value of largest magnitude in every lane; the first of equals, as onnxruntime and ggml take it.
 * WHY vectors for one number: which sign wins is a coin toss, and a mispredicted branch costs as much as
 * the rest of the block.
 */
// @ts-ignore: decorator
@inline
function signedMax(values: usize, n: i32): v128 {
  const low = lowest(values, n), high = highest(values, n);
  const largest = v128.and(low, int4(16));
  const tie = i32x4.extract_lane(low, 0) < 0 && i32x4.extract_lane(largest, 0) == i32x4.extract_lane(high, 0);
  return tie
    ? f32x4.splat(firstOf(values, n, f32x4.extract_lane(high, 0)))
    : v128.bitselect(low, high, i32x4.gt_s(largest, high));
}

function firstOf(values: usize, n: i32, magnitude: f32): f32 {
  for (let i = 0; i < n; i++) {
    const v = load<f32>(values + (<usize>i << 2));
    if (abs(v) == magnitude) return v;
  }
  return 0;
}

/** scale = w* / −middle; 0 when that is below the smallest normal number. */
// @ts-ignore: decorator
@inline
function signedScale(signed: v128, middle: f32): v128 {
  const s = f32x4.div(signed, f32x4.splat(-middle));
  return v128.andnot(s, f32x4.lt(f32x4.abs(s), f32x4.splat(TINY)));
}

/**
 * Grid of a span; for signed-max `low` is the value of largest magnitude. Steps below the smallest
 * normal number cannot be divided by: such a group counts as all zero.
 */
export function setGrid(low: f32, high: f32, bits: i32, range: i32, scale: usize, zero: usize): void {
  const middle = 1 << (bits - 1);
  if (range == SIGNED_MAX) {
    store<f32>(scale, f32x4.extract_lane(signedScale(f32x4.splat(low), <f32>middle), 0));
    store<u8>(zero, <u8>middle);
    return;
  }
  if (range == ABSMAX) {
    high = -low > high || low != low ? -low : high;
    low = -high;
  }
  const top = <f32>((1 << bits) - 1);
  let s: f32 = (high - low) / top;
  if (s < TINY) {
    low = -1;
    s = <f32>2 / top;
  }
  store<f32>(scale, s);
  store<u8>(zero, range == MINMAX ? <u8>nearest(-low / s) : <u8>middle);
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

/**
 * Bits of 1.5·2^23 (float4(0)): adding that rounds to the nearest integer, halves to even, which then sits
 * in the low mantissa bits.
 */
const ROUND_BITS: i32 = 0x4b400000;

// @ts-ignore: decorator
@inline
function nearest4(values: usize, scale: v128, bias: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.div(v128.load(values), scale), float4(0)), bias);
}

// @ts-ignore: decorator
@inline
function floor4(values: usize, reciprocal: v128, half: v128): v128 {
  const q = f32x4.floor(f32x4.add(f32x4.mul(v128.load(values), reciprocal), half));
  return i32x4.sub(f32x4.add(q, float4(0)), int4(0));
}

/** 16 integers → 16 bytes in 0…top (narrowing saturates below at 0). */
// @ts-ignore: decorator
@inline
function storeCodes(codes: usize, a: v128, b: v128, c: v128, d: v128, top: v128): void {
  const ab = i16x8.min_s(i16x8.narrow_i32x4_s(a, b), top);
  const cd = i16x8.min_s(i16x8.narrow_i32x4_s(c, d), top);
  v128.store(codes, i8x16.narrow_i16x8_u(ab, cd));
}

/** 16 integers → 8 bytes: even code + 16·odd code by one multiply-add of neighbours. */
// @ts-ignore: decorator
@inline
function storeNibbles(packed: usize, a: v128, b: v128, c: v128, d: v128): void {
  const top = int4(4), bottom = i16x8.splat(0), weights = int4(8);
  const ab = i16x8.max_s(i16x8.min_s(i16x8.narrow_i32x4_s(a, b), top), bottom);
  const cd = i16x8.max_s(i16x8.min_s(i16x8.narrow_i32x4_s(c, d), top), bottom);
  const bytes = i16x8.narrow_i32x4_s(i32x4.dot_i16x8_s(ab, weights), i32x4.dot_i16x8_s(cd, weights));
  v128.store64_lane(packed, i8x16.narrow_i16x8_u(bytes, bytes), 0);
}

// @ts-ignore: decorator
@inline
function reciprocalOf(scale: v128): v128 {
  return v128.andnot(f32x4.div(float4(40), scale), f32x4.eq(scale, f32x4.splat(0)));
}

function encodeNearest(values: usize, n: i32, scale: f32, zero: f32, top: i32, codes: usize): void {
  const s = f32x4.splat(scale), bias = i32x4.splat(ROUND_BITS - <i32>zero), t = i16x8.splat(<i16>top);
  const end = codes + <usize>(n & ~15);
  for (; codes < end; codes += 16) {
    storeCodes(
      codes,
      nearest4(values, s, bias), nearest4(values + 16, s, bias),
      nearest4(values + 32, s, bias), nearest4(values + 48, s, bias), t,
    );
    values += 64;
  }
  for (let i = n & 15; i > 0; i--) {
    const q = nearest(load<f32>(values) / scale) + zero;
    store<u8>(codes++, <u8>max(min(q, <f32>top), 0));
    values += 4;
  }
}

function encodeFloor(values: usize, n: i32, scale: f32, zero: f32, top: i32, codes: usize): void {
  const r = reciprocalOf(f32x4.splat(scale)), h = f32x4.splat(zero + 0.5), t = i16x8.splat(<i16>top);
  const end = codes + <usize>(n & ~15);
  for (; codes < end; codes += 16) {
    storeCodes(
      codes,
      floor4(values, r, h), floor4(values + 16, r, h), floor4(values + 32, r, h), floor4(values + 48, r, h), t,
    );
    values += 64;
  }
  for (let i = n & 15; i > 0; i--) {
    const q = floor(load<f32>(values) * f32x4.extract_lane(r, 0) + (zero + 0.5));
    store<u8>(codes++, <u8>max(min(q, <f32>top), 0));
    values += 4;
  }
}

/**
 * Fused 4-bit blocks of a contiguous run: grid, codes and nibbles in one pass over each block.
 * blockSize: a multiple of 16. packed: blockSize/2 bytes per block, low nibble first.
 */
export function quantizeBlocks4(
  values: usize, blocks: i32, blockSize: i32, range: i32, scales: usize, zeros: usize, packed: usize,
): void {
  for (let b = 0; b < blocks; b++) {
    const end = packed + (<usize>blockSize >> 1);
    if (range == SIGNED_MAX) {
      const s = signedScale(signedMax(values, blockSize), 8);
      store<f32>(scales, f32x4.extract_lane(s, 0));
      const r = reciprocalOf(s), h = f32x4.splat(8.5);
      for (; packed < end; packed += 8) {
        storeNibbles(
          packed, floor4(values, r, h), floor4(values + 16, r, h), floor4(values + 32, r, h), floor4(values + 48, r, h),
        );
        values += 64;
      }
    } else {
      findGrid(values, blockSize, 4, range, scales, zeros);
      const s = f32x4.splat(load<f32>(scales)), bias = i32x4.splat(ROUND_BITS - <i32>load<u8>(zeros));
      for (; packed < end; packed += 8) {
        storeNibbles(
          packed,
          nearest4(values, s, bias), nearest4(values + 16, s, bias),
          nearest4(values + 32, s, bias), nearest4(values + 48, s, bias),
        );
        values += 64;
      }
    }
    scales += 4;
    zeros += 1;
  }
}
