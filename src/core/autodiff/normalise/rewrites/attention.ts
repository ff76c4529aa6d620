import { floatAttribute, intAttribute, intsAttribute } from '../../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../../onnx/operators/entry.ts';
import type { Emitter } from '../../emitter.ts';
import { attend, causalBias, joinHeads, splitHeads, withPast } from '../attend.ts';
import { keyMask } from '../key-mask.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';

/**
 * com.microsoft Attention: q, k, v are cut from x·W + b, then softmax(q·kᵀ·scale + masks)·v.
 * Inputs: x [B, S, D], W [D, q + k + v], b?, mask?, past [2, B, N, P, H]?, bias on scores?.
 * Outputs: [B, S, v], [2, B, N, P + S, H].
 */
function attention(context: RewriteContext) {
  const { node, emit, input, has, wants, refuse } = context;
  if (intAttribute(node, 'do_rotary', 0) === 1) {
    throw refuse('rotates inside; export the model with a rotary embedding of its own');
  }
  const heads = intAttribute(node, 'num_heads', 1);
  const [q, ownK, ownV] = projections(context).map((part) => splitHeads(emit, part, heads));
  const [k, v] = [ownK, ownV].map((now, which) =>
    has(4) ? withPast(emit, pastPart(emit, input(4), which), now) : now,
  );
  const given = floatAttribute(node, 'scale', 0);
  const mixed = attend(emit, {
    q,
    k,
    v,
    scale: given === 0 ? undefined : given,
    biases: scoreBiases(context, { q, k, mask: 3, bias: 5 }),
  });
  return [joinHeads(emit, mixed), wants(1) ? presentOf(emit, k, v) : undefined];
}

/** q, k, v [B, S, ·] from one product. */
function projections({ node, emit, input, has, dims }: RewriteContext): string[] {
  const [x, weight] = [input(0), input(1)];
  const product = emit.matmul(x, weight);
  const packed = has(2) ? emit.add(product, input(2)) : product;
  const third = dims(1)[1] / 3;
  const widths = intsAttribute(node, 'qkv_hidden_sizes', [third, third, third]);
  const [batch, length] = dims(0);
  const parts = widths.map((width) => [batch, length, width]);
  return emit.ops('Split', [packed, emit.integers(...widths)], parts, { attributes: { axis: 2 } });
}

/** Keys (0) or values (1) of a cache that holds both. */
function pastPart(emit: Emitter, past: string, which: number): string {
  return emit.reshape(emit.slice(past, 0, which, which + 1), emit.dims(past).slice(1));
}

function presentOf(emit: Emitter, k: string, v: string): string {
  return emit.concat(
    [k, v].map((part) => emit.reshape(part, [1, ...emit.dims(part)])),
    0,
  );
}

/** Causality, the keys' mask and a bias, for Attention and MultiHeadAttention of onnxruntime. */
export function scoreBiases(
  context: RewriteContext,
  { q, k, mask, bias }: { readonly q: string; readonly k: string; mask: number; bias: number },
): string[] {
  const { node, emit, input, has } = context;
  const [queries, keys] = [emit.dims(q)[2], emit.dims(k)[2]];
  const biases: string[] = [];
  if (has(mask)) biases.push(keyMask(context, mask, q, keys));
  if (has(bias)) biases.push(input(bias));
  if (intAttribute(node, 'unidirectional', 0) === 1) {
    biases.push(causalBias(context, q, [queries, keys], { offset: keys - queries }));
  }
  return biases;
}

export const attentionRewrites: readonly RewriteEntry[] = [
  { operators: ['Attention'], domain: MICROSOFT, rewrite: attention },
];
