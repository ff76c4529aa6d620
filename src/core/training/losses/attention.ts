import type { Emitter } from '../../autodiff/emitter.ts';
import { DataType } from '../../tensor/data-type.ts';
import { realTokens, rowDivergence, visibility } from './row-divergence.ts';
import type { Loss } from './types.ts';

/** A softmax of attention in a graph: what goes in and what comes out. */
export interface AttentionMap {
  readonly scores: string;
  readonly shares: string;
  /** Batch, heads, queries, keys; the values may hold the first two as one axis. */
  readonly dims: readonly [number, number, number, number];
}

/**
 * Divergence of a student's attention maps from a teacher's: with aₕᵢ the shares that token i gives all
 * tokens in head h, L = 1/(N·n)·Σₕ Σᵢ KL(aₕᵢ of the teacher ‖ aₕᵢ of the student) over N heads and the
 * n tokens of the batch that are no padding (padding is what no token sees). Tokens without a label
 * count: they attend all the same. ∂L/∂scores is (student's − teacher's shares)/(N·n), in closed form.
 * Both need the same heads.
 *
 * A divergence and not TinyBERT's squared distance of raw scores (arXiv:1909.10351): scores are free up
 * to a constant per row, are −∞ where a mask forbids, and an error where nothing is looked at costs nothing.
 *
 * @see Wang et al. 2020, arXiv:2002.10957, eq. 4
 */
export function attentionDivergence(student: AttentionMap, teacher: AttentionMap): Loss {
  return (emit) => {
    const [p, q] = [sharesOf(emit, teacher), sharesOf(emit, student)];
    const real = realTokens(emit, visibility(emit, p));
    const { value, slope } = rowDivergence(emit, { p, q, real });
    const { scores } = student;
    const shaped = emit.reshape(slope, emit.dims(scores));
    return { value, seeds: new Map([[scores, shaped]]) };
  };
}

/** Shares as float32 [B, N, S, T]. */
export function sharesOf(emit: Emitter, { shares, dims }: AttentionMap): string {
  return emit.reshape(emit.cast(shares, DataType.float32), dims);
}
