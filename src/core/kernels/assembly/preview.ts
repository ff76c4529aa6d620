// One pass over a weight W and what stands for it, Ŵ: squared error and zeros, of a given Ŵ also its histogram and
// heat map. For quantized weights Ŵ is made on the fly from the grid and never stored; counting and picturing all of
// it would take longer than the rest together, and what is looked at closely are some rows.
//
// work: f32 minimum @0, f32 bins/(maximum − minimum) @4, f32 last bin @8; f64 Σ(w − ŵ)² @16, i64 zeros @24.
// keys: one u32 per column, the largest key of this band of rows. bins: one u32 per column, for the row at hand.
// Counts are kept in 8 tables, one per value of a step, so that equal neighbours do not wait for each other.

import { float4 } from './constants';

const SIGNED_MAX: i32 = 2;

/** Bytes of one table of counts: 1024 bins. */
const TABLE: usize = 4096;
const COUNTS: usize = memory.data(32768);

/** Starts all counts from 0 and returns where they are: 8 tables of 1024 u32, to be added up. */
export function previewCounts(): usize {
  memory.fill(COUNTS, 0, 32768);
  return COUNTS;
}

/** Bytes of values per float32 partial sum, 1024 of them: its relative error stays below 130·2^-24. */
const PIECE: usize = 4096;

/** 1.5·2^23: adding it rounds to an integer in the low mantissa bits. */
const ROUND: f32 = 12582912;
const ROUND_BITS: i32 = 0x4b400000;

/**
 * Rows on known grids: `scales` chose the codes, `stored` is what the file keeps. gridStep: 0 = one grid for all.
 * signed-max: both are multiplied by `factor`, a power of two, because grids of other widths differ by that only.
 */
export function previewUniform(
  values: usize, rows: i32, columns: i32, groupSize: i32, gridStep: i32, bits: i32, range: i32, factor: f32,
  scales: usize, stored: usize, zeros: usize, work: usize,
): void {
  const top = <f32>((1 << bits) - 1);
  if (range == SIGNED_MAX)
    floorRows(values, rows, columns, groupSize, gridStep, top, factor, scales, stored, work);
  else nearestRows(values, rows, columns, groupSize, gridStep, top, scales, stored, zeros, work);
}

/** Rows whose Ŵ is given. */
export function previewDense(
  values: usize, shown: usize, rows: i32, columns: i32, keys: usize, bins: usize, work: usize,
): void {
  const minimum = v128.load_splat<f32>(work), factor = v128.load_splat<f32>(work, 4), last = v128.load_splat<f32>(work, 8);
  let sum = f64x2.splat(0), zeros = i32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    let key = keys, at = bins;
    const end = values + (<usize>(columns & ~7) << 2);
    while (values < end) {
      let error = f32x4.splat(0);
      for (const stop = min(end, values + PIECE); values < stop; values += 32) {
        const p = v128.load(shown), q = v128.load(shown, 16);
        error = f32x4.add(error, f32x4.add(squared(v128.load(values), p), squared(v128.load(values, 16), q)));
        zeros = i32x4.add(zeros, i32x4.add(isZero(p), isZero(q)));
        mark(key, p, q);
        v128.store(at, binsOf(p, minimum, factor, last));
        v128.store(at, binsOf(q, minimum, factor, last), 16);
        at += 32;
        shown += 32;
        key += 32;
      }
      sum = f64x2.add(sum, wide(error));
    }
    for (let i = columns & 7; i > 0; i--) {
      one(load<f32>(values), load<f32>(shown), key, work);
      values += 4;
      shown += 4;
      key += 4;
    }
    countRow(bins, at);
  }
  total(sum, zeros, work);
}

/** Largest key of each of `cells` runs of columns → heat values; the keys start again from 0. */
export function heatRow(keys: usize, columns: i32, cells: i32, heat: usize): void {
  let c: i64 = 0;
  for (let j: i64 = 1; j <= cells; j++) {
    const end = (j * columns + cells - 1) / cells;
    let key: u32 = 0;
    for (; c < end; c++) {
      key = max(key, load<u32>(keys));
      store<u32>(keys, 0);
      keys += 4;
    }
    // + 0 turns −0 into 0.
    store<f32>(heat, reinterpret<f32>(rotr(key, 1)) + 0);
    heat += 4;
  }
}

// WHY whole rows and not one group per call: with blocks of 32 a call's setting up costs as much as its work.

function floorRows(
  values: usize, rows: i32, columns: i32, groupSize: i32, gridStep: i32, top: f32, scaling: f32,
  scales: usize, stored: usize, work: usize,
): void {
  const zero = <f32>(<i32>(top + 1) >> 1);
  const h = f32x4.splat(zero + 0.5), z = f32x4.splat(zero), low = f32x4.splat(-zero), high = f32x4.splat(top - zero);
  let sum = f64x2.splat(0), zeros = i32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c += groupSize) {
      const scale = normal(load<f32>(scales) * scaling), kept = normal(load<f32>(stored) * scaling);
      const r = f32x4.splat(scale == 0 ? 0 : <f32>1 / scale), s = f32x4.splat(kept);
      const n = min(groupSize, columns - c);
      const end = values + (<usize>(n & ~7) << 2);
      while (values < end) {
        let error = f32x4.splat(0);
        for (const stop = min(end, values + PIECE); values < stop; values += 32) {
          const a = v128.load(values), b = v128.load(values, 16);
          const p = f32x4.mul(s, inside(f32x4.sub(f32x4.floor(f32x4.add(f32x4.mul(a, r), h)), z), low, high));
          const q = f32x4.mul(s, inside(f32x4.sub(f32x4.floor(f32x4.add(f32x4.mul(b, r), h)), z), low, high));
          error = f32x4.add(error, f32x4.add(squared(a, p), squared(b, q)));
          zeros = i32x4.add(zeros, i32x4.add(isZero(p), isZero(q)));
        }
        sum = f64x2.add(sum, wide(error));
      }
      for (let i = n & 7; i > 0; i--) {
        const w = load<f32>(values);
        const code = floor(w * f32x4.extract_lane(r, 0) + (zero + 0.5)) - zero;
        measured(w, kept * max(min(code, top - zero), -zero), work);
        values += 4;
      }
      scales += <usize>gridStep << 2;
      stored += <usize>gridStep << 2;
    }
  }
  total(sum, zeros, work);
}

/** Scales below the smallest normal number count as 0, as in rtn.ts. */
// @ts-ignore: decorator
@inline
function normal(scale: f32): f32 {
  return abs(scale) < 1.1754943508222875e-38 ? 0 : scale;
}

function nearestRows(
  values: usize, rows: i32, columns: i32, groupSize: i32, gridStep: i32, top: f32,
  scales: usize, stored: usize, zeroCodes: usize, work: usize,
): void {
  const round = f32x4.splat(ROUND);
  let sum = f64x2.splat(0), zeros = i32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c += groupSize) {
      const zero = <f32>load<u8>(zeroCodes);
      const d = v128.load_splat<f32>(scales), s = v128.load_splat<f32>(stored);
      const low = f32x4.splat(-zero), high = f32x4.splat(top - zero);
      const n = min(groupSize, columns - c);
      const end = values + (<usize>(n & ~7) << 2);
      while (values < end) {
        let error = f32x4.splat(0);
        for (const stop = min(end, values + PIECE); values < stop; values += 32) {
          const a = v128.load(values), b = v128.load(values, 16);
          const p = f32x4.mul(s, inside(f32x4.sub(f32x4.add(f32x4.div(a, d), round), round), low, high));
          const q = f32x4.mul(s, inside(f32x4.sub(f32x4.add(f32x4.div(b, d), round), round), low, high));
          error = f32x4.add(error, f32x4.add(squared(a, p), squared(b, q)));
          zeros = i32x4.add(zeros, i32x4.add(isZero(p), isZero(q)));
        }
        sum = f64x2.add(sum, wide(error));
      }
      for (let i = n & 7; i > 0; i--) {
        const w = load<f32>(values);
        const code = nearest(w / load<f32>(scales));
        measured(w, load<f32>(stored) * max(min(code, top - zero), -zero), work);
        values += 4;
      }
      scales += <usize>gridStep << 2;
      stored += <usize>gridStep << 2;
      zeroCodes += <usize>gridStep;
    }
  }
  total(sum, zeros, work);
}

// @ts-ignore: decorator
@inline
function inside(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(high, f32x4.pmax(low, x));
}

// @ts-ignore: decorator
@inline
function squared(w: v128, q: v128): v128 {
  const e = f32x4.sub(w, q);
  return f32x4.mul(e, e);
}

/** −1 in the lanes that are zero. */
// @ts-ignore: decorator
@inline
function isZero(q: v128): v128 {
  return f32x4.eq(q, f32x4.splat(0));
}

/** Magnitude in the upper 31 bits, sign below it: unsigned order is order of magnitude, negative first on ties. */
// @ts-ignore: decorator
@inline
function keyOf(q: v128): v128 {
  return v128.or(i32x4.shl(q, 1), i32x4.shr_u(q, 31));
}

// @ts-ignore: decorator
@inline
function mark(keys: usize, p: v128, q: v128): void {
  v128.store(keys, i32x4.max_u(v128.load(keys), keyOf(p)));
  v128.store(keys, i32x4.max_u(v128.load(keys, 16), keyOf(q)), 16);
}

/** Byte offsets of the bins in a table, in the lower half of each lane: beside 2^21 a float counts in quarters. */
// @ts-ignore: decorator
@inline
function binsOf(q: v128, minimum: v128, factor: v128, last: v128): v128 {
  const x = inside(f32x4.mul(f32x4.sub(q, minimum), factor), f32x4.splat(0), last);
  return f32x4.add(f32x4.floor(x), float4(88));
}

/** WHY a row later: counting what was stored a moment ago waits for the stores. */
function countRow(bins: usize, end: usize): void {
  for (; bins < end; bins += 32) {
    bump(load<u16>(bins), 0);
    bump(load<u16>(bins, 4), 1);
    bump(load<u16>(bins, 8), 2);
    bump(load<u16>(bins, 12), 3);
    bump(load<u16>(bins, 16), 4);
    bump(load<u16>(bins, 20), 5);
    bump(load<u16>(bins, 24), 6);
    bump(load<u16>(bins, 28), 7);
  }
}

// @ts-ignore: decorator
@inline
function bump(at: usize, table: usize): void {
  const counts = COUNTS + table * TABLE;
  store<u32>(counts + at, load<u32>(counts + at) + 1);
}

// @ts-ignore: decorator
@inline
function wide(x: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3)));
}

/** Adds a band's sums to the totals; a band has less than 2^31 values per lane. */
function total(sum: v128, zeros: v128, work: usize): void {
  store<f64>(work, load<f64>(work, 16) + (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)), 16);
  let z: i64 = i32x4.extract_lane(zeros, 0);
  z += i32x4.extract_lane(zeros, 1);
  z += i32x4.extract_lane(zeros, 2);
  z += i32x4.extract_lane(zeros, 3);
  store<i64>(work, load<i64>(work, 24) - z, 24);
}

/** Error and zeros of a single value. */
function measured(w: f32, q: f32, work: usize): void {
  const e = <f64>w - <f64>q;
  store<f64>(work, load<f64>(work, 16) + e * e, 16);
  if (q == 0) store<i64>(work, load<i64>(work, 24) + 1, 24);
}

/** The same for a single value that is pictured. */
function one(w: f32, q: f32, keys: usize, work: usize): void {
  measured(w, q, work);
  store<u32>(keys, max(load<u32>(keys), rotl(reinterpret<u32>(q), 1)));
  const x = (q - load<f32>(work)) * load<f32>(work, 4);
  bump(<usize><u32>floor(x > 0 ? min(x, load<f32>(work, 8)) : 0) << 2, 0);
}
