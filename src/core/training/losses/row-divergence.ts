import type { Emitter } from '../../autodiff/emitter.ts';
import { DataType } from '../../tensor/data-type.ts';

/** Shares below this count as this: what a mask forbids has the share 0, which has no logarithm. */
const LEAST = 1e-30;

/** Rows of shares of teacher (p) and student (q), [B, N, S, T] float32, and which tokens are real. */
export interface Shares {
  readonly p: string;
  readonly q: string;
  /** 1 for a token that is no padding, 0 for one that is: [B, 1, S, 1]. */
  readonly real: string;
}

/**
 * L = 1/(N·Σ real)·Σ real·KL(p ‖ q) over the rows of real tokens, KL(p ‖ q) = Σⱼ pⱼ·log(pⱼ/qⱼ), and
 * ∂L/∂z = real·(q − p)/(N·Σ real) for q = softmax(z). Nothing flows into p.
 */
export function rowDivergence(
  emit: Emitter,
  { p, q, real }: Shares,
): { readonly value: string; readonly slope: string } {
  const heads = emit.dims(p)[1];
  const every = emit.dims(real).map((_, axis) => axis);
  const count = emit.binary('Max', emit.reduceSum(real, every, false), emit.scalar(1));
  const weight = emit.div(real, emit.scale(count, heads));
  const log = (shares: string) => emit.unary('Log', emit.binary('Max', shares, emit.scalar(LEAST)));
  const kl = emit.reduceSum(emit.mul(p, emit.sub(log(p), log(q))), [-1]);
  const value = emit.reduceSum(emit.mul(kl, weight), every, false);
  return { value, slope: emit.mul(emit.sub(q, p), weight) };
}

/**
 * Who may see whom, from the teacher's own attention: 1 where some head gives token j a share of what
 * token i reads, [B, 1, S, T]. A mask, whatever it is made of, makes shares of exactly 0.
 */
export function visibility(emit: Emitter, shares: string): string {
  const most = emit.reduce('ReduceMax', shares, [1]);
  return emit.cast(emit.compare('Greater', most, emit.scalar(0)), DataType.float32);
}

/** Padding is what no token sees: 1 for every other token, [B, 1, S, 1]; all of them when S ≠ T. */
export function realTokens(emit: Emitter, visible: string): string {
  const [batch, , queries, keys] = emit.dims(visible);
  if (queries !== keys) return emit.filled(1, [batch, 1, queries, 1]);
  return emit.reshape(emit.reduce('ReduceMax', visible, [2]), [batch, 1, queries, 1]);
}
