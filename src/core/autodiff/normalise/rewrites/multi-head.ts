import { floatAttribute, intAttribute } from '../../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../../onnx/operators/entry.ts';
import type { Emitter } from '../../emitter.ts';
import { attend, joinHeads, splitHeads, withPast } from '../attend.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';
import { scoreBiases } from './attention.ts';

/**
 * com.microsoft MultiHeadAttention: softmax(q·kᵀ·scale + masks)·v.
 * Inputs: q, k?, v?, bias of q, k and v?, mask?, bias on scores?, past keys?, past values?.
 * Outputs: [B, S, N·Hv], present keys and values [B, N, T, ·].
 */
function multiHead(context: RewriteContext) {
  const { node, emit, input, has, refuse } = context;
  if (has(8) || has(9)) {
    throw refuse('writes into a cache of fixed size; export the model without a cache');
  }
  const heads = intAttribute(node, 'num_heads', 1);
  const [q, ownK, ownV] = headsOf(context, heads);
  const k = has(6) ? withPast(emit, input(6), ownK) : ownK;
  const v = has(7) ? withPast(emit, input(7), ownV) : ownV;
  const given = floatAttribute(node, 'scale', 0);
  const mixed = attend(emit, {
    q,
    k,
    v,
    scale: given === 0 ? undefined : given,
    biases: scoreBiases(context, { q, k, mask: 4, bias: 5 }),
  });
  return [joinHeads(emit, mixed), k, v];
}

/** q, k and v as [B, N, ·, H], from whichever way the operator gets them. */
function headsOf(context: RewriteContext, heads: number): string[] {
  const { emit, input, has, dims, refuse } = context;
  const parts =
    dims(0).length === 5
      ? unpacked(emit, input(0), 3)
      : has(1) && dims(1).length === 5
        ? [input(0), ...unpacked(emit, input(1), 2)]
        : [input(0), input(1), input(2)];
  if (parts.includes('')) throw refuse('has no keys or no values; export the model again');
  const biases = has(3) ? biasParts(context, parts, heads) : [];
  return parts.map((part, which) => asHeads(emit, part, heads, biases[which]));
}

/** [B, S, N, count, H] → count values [B, S, N·H]. */
function unpacked(emit: Emitter, packed: string, count: number): string[] {
  const [batch, length, heads, , size] = emit.dims(packed);
  const one = [batch, length, heads, 1, size];
  const sizes = emit.integers(...Array<number>(count).fill(1));
  const parts = emit.ops('Split', [packed, sizes], Array<number[]>(count).fill(one), {
    attributes: { axis: 3 },
  });
  return parts.map((part) => emit.reshape(part, [batch, length, heads * size]));
}

/** The bias of q, k and v behind one another. */
function biasParts({ emit, input }: RewriteContext, parts: readonly string[], heads: number) {
  const widths = parts.map((part) => {
    const dims = emit.dims(part);
    return dims.length === 4 ? heads * dims[3] : dims[2];
  });
  const sizes = widths.map((width) => [width]);
  return emit.ops('Split', [input(3), emit.integers(...widths)], sizes, {
    attributes: { axis: 0 },
  });
}

/** Keys of another stack come as [B, N, L, H] already. */
function asHeads(emit: Emitter, part: string, heads: number, bias: string | undefined): string {
  if (emit.dims(part).length !== 4) {
    return splitHeads(emit, bias === undefined ? part : emit.add(part, bias), heads);
  }
  const size = emit.dims(part)[3];
  return bias === undefined ? part : emit.add(part, emit.reshape(bias, [1, heads, 1, size]));
}

export const multiHeadRewrites: readonly RewriteEntry[] = [
  { operators: ['MultiHeadAttention'], domain: MICROSOFT, rewrite: multiHead },
];
