import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from '../emitter.ts';
import type { RewriteContext } from './types.ts';

/*
 * B batch, S queries, T keys, N heads, G key-value heads, H head size.
 */

/** What attention is computed from, as heads. */
export interface Attending {
  /** [B, N, S, H]. */
  readonly q: string;
  /** [B, G, T, H] and [B, G, T, Hv]; each serves N/G neighbouring heads. */
  readonly k: string;
  readonly v: string;
  /** 1/√H unless given. */
  readonly scale?: number;
  /** Values added to the scores, each of a size that broadcasts to [B, N, S, T]. */
  readonly biases: readonly string[];
  /** c·tanh(score/c) bounds the scores, when c > 0. */
  readonly softcap?: number;
}

/**
 * softmax(q·kᵀ·scale + biases)·v → [B, N, S, Hv]. The heads that share a key are one matrix of more
 * rows, so keys and values are never repeated and their gradients need no sum over the group.
 */
export function attend(emit: Emitter, { q, k, v, scale, biases, softcap }: Attending): string {
  const [batch, heads, queries, size] = emit.dims(q);
  const [, groups, keys] = emit.dims(k);
  const rows = (heads / groups) * queries;
  const scaled = emit.scale(q, scale ?? 1 / Math.sqrt(size));
  const together = emit.reshape(scaled, [batch, groups, rows, size]);
  const products = emit.matmul(together, emit.transposeLast(k));
  const scores = bounded(emit, emit.reshape(products, [batch, heads, queries, keys]), softcap);
  const biased = biases.reduce((sum, bias) => emit.add(sum, bias), scores);
  const shares = emit.unary('Softmax', biased, { axis: -1 });
  const mixed = emit.matmul(emit.reshape(shares, [batch, groups, rows, keys]), v);
  return emit.reshape(mixed, [batch, heads, queries, emit.dims(v)[3]]);
}

function bounded(emit: Emitter, scores: string, softcap = 0): string {
  if (softcap <= 0) return scores;
  return emit.scale(emit.unary('Tanh', emit.scale(scores, 1 / softcap)), softcap);
}

/** [B, S, N·H] → [B, N, S, H]. */
export function splitHeads(emit: Emitter, x: string, heads: number): string {
  const [batch, length, width] = emit.dims(x);
  const parted = emit.reshape(x, [batch, length, heads, width / heads]);
  return emit.transpose(parted, [0, 2, 1, 3]);
}

/** [B, N, S, H] → [B, S, N·H]. */
export function joinHeads(emit: Emitter, x: string): string {
  const [batch, heads, length, size] = emit.dims(x);
  return emit.reshape(emit.transpose(x, [0, 2, 1, 3]), [batch, length, heads * size]);
}

/** Keys or values of earlier positions before the new ones; `past` '' or of length 0: none. */
export function withPast(emit: Emitter, past: string, now: string): string {
  return past === '' || emit.dims(past)[2] === 0 ? now : emit.concat([past, now], 2);
}

/** Added to a score that must not count: e to that power is 0, and two of them are still a number. */
export function forbidden(emit: Emitter, like: string): string {
  const dataType = emit.dataType(like);
  return emit.scalar(dataType === DataType.float16 ? -3e4 : -1e30, dataType);
}

/**
 * [S, T]: 0 where query i may see key j, a very negative number elsewhere: j ≤ i + offset, and with a
 * window j > i + offset − window.
 */
export function causalBias(
  { emit, once }: RewriteContext,
  like: string,
  [queries, keys]: readonly [number, number],
  { offset = 0, window = Infinity }: { readonly offset?: number; readonly window?: number } = {},
): string {
  const dataType = emit.dataType(like);
  return once(`causal ${dataType} ${queries} ${keys} ${offset} ${window}`, () => {
    const low = dataType === DataType.float16 ? -3e4 : -1e30;
    const mask = Float32Array.from({ length: queries * keys }, (_, at) => {
      const behind = Math.floor(at / keys) + offset - (at % keys);
      return behind >= 0 && behind < window ? 0 : low;
    });
    return emit.cast(emit.store([queries, keys], mask), dataType);
  });
}
