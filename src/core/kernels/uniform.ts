/** Widths a uniform code can have. */
export type Bits = 2 | 3 | 4 | 5 | 6 | 8;

/**
 * How the grid of a group is laid over its values:
 * - `minmax`: [min(w, 0), max(w, 0)], with a stored zero point (IST-DASLab `Quantizer`, asymmetric;
 *   on every golden case equal to onnxruntime's asymmetric block quantizer, so there is no second one);
 * - `absmax`: [−max|w|, max|w|], zero code 2^(bits−1) (the same `Quantizer`, symmetric);
 * - `signed-max`: scale = w* / −2^(bits−1) with w* the value of largest magnitude, so that the code 0
 *   stands for w* itself (onnxruntime's symmetric block quantizer; ggml's q4_0).
 */
export type Range = 'minmax' | 'absmax' | 'signed-max';

/**
 * What part of its values a grid reaches:
 * - `none`: all of them;
 * - `mse`: shrinks the range step by step and keeps the one with the smallest Σ|w − ŵ|^2.4;
 * - `exact`: the clip that minimises rounding noise and what is cut, in closed form;
 * - `octav`: OCTAV's clip, by Newton's steps;
 * - `search`: of some 200 scales the one with the smallest Σ m·(w − ŵ)² (opt-RTN).
 */
export type Clip = 'none' | 'mse' | 'exact' | 'octav' | 'search';

/** A uniform grid: which codes, shared by which columns, laid over the values how. */
export interface UniformOptions {
  readonly bits: Bits;
  /** Columns that share a scale; the last group of a row may be shorter. */
  readonly groupSize: number;
  readonly range: Range;
  readonly clip?: Clip;
  /** What the squared error of each column counts, for `exact` and `search`; finite, not negative. Default: all alike. */
  readonly importance?: Float32Array | undefined;
}

/** Ŵ[r,c] = scales[r,g] · (codes[r,c] − zero[r,g]), g = ⌊c / groupSize⌋. */
export interface UniformCodes {
  /** One unsigned code per byte, [rows, columns]. */
  readonly codes: Uint8Array;
  /** [rows, ⌈columns / groupSize⌉]. */
  readonly scales: Float32Array;
  /** Same shape as scales; absent for symmetric ranges, whose zero is 2^(bits−1). */
  readonly zeros?: Uint8Array;
}

/** Largest code of a width: 2^bits − 1. */
export function maxCode(bits: Bits): number {
  return 2 ** bits - 1;
}

/** The code that stands for zero in symmetric ranges: 2^(bits−1). */
export function middleCode(bits: Bits): number {
  return 2 ** (bits - 1);
}

/** Number of groups in a row: ⌈columns / groupSize⌉. */
export function groupsPerRow(columns: number, groupSize: number): number {
  return Math.ceil(columns / groupSize);
}

/** Scale and zero code of every group; zeros hold 2^(bits−1) for symmetric ranges. */
export interface Grids {
  /** [rows, groups] */
  readonly scales: Float32Array;
  /** [rows, groups] */
  readonly zeros: Uint8Array;
}
