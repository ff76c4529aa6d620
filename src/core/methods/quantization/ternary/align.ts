import { gemm } from '../../../kernels/gemm.ts';
import type { Blocks } from '../blocks.ts';
import type { Values } from './thresholds.ts';

/** A ternary weight: t + 1 of every entry, and the values of every block, both row by row. */
export interface Ternary {
  readonly codes: Uint8Array;
  readonly values: readonly Values[];
}

/**
 * Activation-aware grid alignment (PT²-LLM, Yan et al. 2025): the same t, with α and μ of least (w − ŵ)ᵀ·H·(w − ŵ) over
 * the block's own part of H = XᵀX; μ = 0 where it is to stay there. w is [rows, columns], H [columns, columns].
 */
export function align(
  w: Float32Array,
  { codes, values }: Ternary,
  h: Float32Array,
  { columns, groupSize }: Blocks,
  symmetric: boolean,
): Values[] {
  const rows = w.length / columns;
  const groups = Math.ceil(columns / groupSize);
  const aligned = [...values];
  for (let g = 0; g < groups; g++) {
    const [from, end] = [g * groupSize, Math.min((g + 1) * groupSize, columns)];
    const width = end - from;
    const part = cut(h, columns, from, end, { from, end });
    const block = cut(w, columns, 0, rows, { from, end });
    const signs = Float32Array.from(cut(codes, columns, 0, rows, { from, end }), (c) => c - 1);
    const hw = gemm(rows, width, width, block, part);
    const ht = gemm(rows, width, width, signs, part);
    const h1 = gemm(1, width, width, new Float32Array(width).fill(1), part);
    for (let r = 0; r < rows; r++) {
      const at = r * width;
      const t = signs.subarray(at, at + width);
      const sums = {
        tt: dot(t, ht.subarray(at, at + width)),
        tw: dot(t, hw.subarray(at, at + width)),
        t1: dot(t, h1),
        w1: dot(block.subarray(at, at + width), h1),
        one: h1.reduce((sum, value) => sum + value, 0),
      };
      aligned[r * groups + g] = solve(sums, values[r * groups + g], symmetric);
    }
  }
  return aligned;
}

interface Sums {
  readonly tt: number;
  readonly tw: number;
  readonly t1: number;
  readonly w1: number;
  readonly one: number;
}

/** Share of the diagonal's product below which a system has no one solution in float32. */
const SINGULAR = 1e-6;

/** What calibration leaves open stays as it is. */
function solve({ tt, tw, t1, w1, one }: Sums, before: Values, symmetric: boolean): Values {
  if (symmetric) return { alpha: tt > 0 ? tw / tt : before.alpha, mu: 0 };
  const determinant = tt * one - t1 * t1;
  if (!(determinant > SINGULAR * tt * one)) return before;
  return { alpha: (tw * one - w1 * t1) / determinant, mu: (tt * w1 - t1 * tw) / determinant };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Rows [first, last) and some columns of a matrix of this width. */
function cut<T extends Float32Array | Uint8Array>(
  matrix: T,
  width: number,
  first: number,
  last: number,
  { from, end }: { readonly from: number; readonly end: number },
): T {
  const out = matrix.slice(0, (last - first) * (end - from)) as T;
  for (let r = first; r < last; r++)
    out.set(matrix.subarray(r * width + from, r * width + end), (r - first) * (end - from));
  return out;
}
