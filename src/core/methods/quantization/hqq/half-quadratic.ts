import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import { roundHalfEven } from '../../../kernels/arithmetic.ts';

export interface Blocks {
  readonly columns: number;
  /** Columns that share a grid; the last block of a row may be shorter. */
  readonly groupSize: number;
}

/** Ŵ = s·(W_q − z), one s and z per block, [rows, ⌈columns / groupSize⌉]. */
export interface FloatGrids {
  readonly scales: Float32Array;
  readonly zeros: Float32Array;
}

export interface HalfQuadratic {
  readonly bits: number;
  readonly iterations: number;
  readonly lpNorm: number;
  readonly beta: number;
  readonly kappa: number;
}

interface Watch {
  readonly signal?: AbortSignal;
  readonly progress?: (fraction: number) => void;
}

/**
 * argmin_z,W_e ‖W_e‖ₚᵖ + β/2·‖W_e − (W − W_r)‖² by alternation, W_r = s·(W_q − z), for each block of W:
 *   W_e ← shrink(W − W_r, β),   z ← mean(W_q − (W − W_e)/s),   β ← κ·β,
 * until the mean |W − W_r| of the whole matrix falls no more. s = (max W − min W)/(2^bits − 1) stays.
 * `values` is [rows, columns]. Throws `weight-not-finite`. Source: mobiusml/hqq, its default solver.
 */
export function solveZeros(
  values: Float32Array,
  blocks: Blocks,
  { bits, iterations, lpNorm, beta, kappa }: HalfQuadratic,
  { signal, progress }: Watch = {},
): FloatGrids {
  const top = 2 ** bits - 1;
  const first = blocksOf(values, blocks).map((block, at) => firstGrid(block, top, at));
  const inverses = Float32Array.from(first, ({ inverse }) => inverse);
  const zeros = Float32Array.from(first, ({ inverse, least }) => -least * Math.fround(inverse));
  let best = Infinity;
  for (let t = 0; t < iterations; t++) {
    throwIfCancelled(signal);
    const shrink = shrinkage(beta * kappa ** t, lpNorm);
    let error = 0;
    for (const [at, block] of blocksOf(values, blocks).entries()) {
      const next = proximalStep(block, inverses[at], zeros[at], top, shrink);
      zeros[at] = next.zero;
      error += next.error;
    }
    progress?.((t + 1) / iterations);
    if (error >= best) break;
    best = error;
  }
  return { scales: inverses.map((inverse) => 1 / inverse), zeros };
}

/** W_q = clamp(round(W/s + z), 0, 2^bits − 1), [rows, columns]. */
export function codesOf(
  values: Float32Array,
  blocks: Blocks,
  { scales, zeros }: FloatGrids,
  bits: number,
): Uint8Array {
  const codes = new Uint8Array(values.length);
  for (const [at, block] of blocksOf(values, blocks).entries()) {
    const own = block.map((w) => codeOf(w / scales[at] + zeros[at], 2 ** bits - 1));
    codes.set(own, (block.byteOffset - values.byteOffset) / 4);
  }
  return codes;
}

function codeOf(place: number, top: number): number {
  return Math.min(Math.max(roundHalfEven(place), 0), top);
}

function blocksOf(values: Float32Array, { columns, groupSize }: Blocks): Float32Array[] {
  const blocks: Float32Array[] = [];
  for (let row = 0; row < values.length; row += columns)
    for (let at = 0; at < columns; at += groupSize)
      blocks.push(values.subarray(row + at, row + Math.min(at + groupSize, columns)));
  return blocks;
}

/** The reference's bound on 1/s: a finer step would be lost in half precision. */
const LARGEST_INVERSE = 2e4;

/** 1/s and min W of a block; 1/s is 1 where all its weights are equal, which z alone then holds. */
function firstGrid(block: Float32Array, top: number, at: number) {
  let [least, largest] = [Infinity, -Infinity];
  for (const w of block) {
    least = Math.min(least, w);
    largest = Math.max(largest, w);
  }
  const range = largest - least;
  if (!Number.isFinite(range)) throw notFinite(at);
  return { least, inverse: range === 0 ? 1 : Math.min(top / range, LARGEST_INVERSE) };
}

/** The next z of a block, and Σ|W − W_r| with the one before. */
function proximalStep(
  block: Float32Array,
  inverse: number,
  zero: number,
  top: number,
  shrink: (difference: number) => number,
): { readonly zero: number; readonly error: number } {
  let [sum, error] = [0, 0];
  for (const w of block) {
    const code = codeOf(w * inverse + zero, top);
    const difference = w - (code - zero) / inverse;
    sum += code - (w - shrink(difference)) * inverse;
    error += Math.abs(difference);
  }
  return { zero: sum / block.length, error };
}

/**
 * shrink(x, β) = sign(x)·max(0, |x| − |x|^(p−1)/β), the proximal step of ℓₚ. WHY a threshold: below
 * β^(−1/(2−p)) it is 0, and hardly any error of a weight is above, so that no power is taken.
 */
function shrinkage(beta: number, p: number): (x: number) => number {
  const least = beta ** (-1 / (2 - p));
  return (x) => {
    const size = Math.abs(x);
    if (size <= least) return 0;
    // WHY fround: engines differ in the last bits of a power, and hardly ever in its first 24.
    return Math.sign(x) * Math.max(0, size - Math.fround(size ** (p - 1)) / beta);
  };
}

function notFinite(block: number): LatheError {
  return new LatheError(
    'weight-not-finite',
    `Block ${block} of this weight holds a value that is not a finite number, so it has no range: repair or re-export the model, or leave this layer out.`,
    { block },
  );
}
