import { floatAttribute, intAttribute } from '../../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../../onnx/operators/entry.ts';
import { attend, causalBias, joinHeads, splitHeads } from '../attend.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';
import { rotate, turnAt } from './rotary.ts';
import type { Turn } from './rotary.ts';

/**
 * com.microsoft GroupQueryAttention over whole sequences: causal attention in which N/G heads share a
 * key, with the rotation inside. What lies behind a row's length (`seqlens_k`) is padding at the end
 * that no counted query sees, so the lengths change nothing that is read.
 * Inputs: q (or q, k, v packed), k?, v?, empty caches, lengths, total, cos?, sin?, positions?, bias?.
 * Outputs: [B, S, N·H], keys and values [B, G, S, H].
 */
function groupQuery(context: RewriteContext) {
  const { node, emit, input, has } = context;
  assertWholeSequences(context);
  const heads = intAttribute(node, 'num_heads', 1);
  const groups = intAttribute(node, 'kv_num_heads', heads);
  const parts = has(1) ? [input(0), input(1), input(2)] : unpacked(context, heads, groups);
  const counts = [heads, groups, groups];
  const [ownQ, ownK, v] = parts.map((part, which) => splitHeads(emit, part, counts[which]));
  const turn = turnOf(context);
  const [q, k] = [ownQ, ownK].map((part) => (turn ? rotate(emit, part, turn) : part));
  const given = floatAttribute(node, 'scale', 0);
  const mixed = attend(emit, {
    q,
    k,
    v,
    scale: given === 0 ? undefined : given,
    biases: [...(has(10) ? [input(10)] : []), causal(context, q)],
    softcap: floatAttribute(node, 'softcap', 0),
  });
  return [joinHeads(emit, mixed), k, v];
}

function assertWholeSequences({ node, has, dims, wants, refuse }: RewriteContext): void {
  if (has(3) && dims(3)[2] > 0) {
    throw refuse(`reads a cache of ${dims(3)[2]} positions; give the cache the length 0`);
  }
  const others = [11, 12, 13].some(has) || wants(3);
  if (others || intAttribute(node, 'smooth_softmax', 0) === 1) {
    throw refuse(
      'uses a sink, a quantized cache or hands out scores, which is not written out here; export the model unfused',
    );
  }
}

function unpacked({ emit, input, dims }: RewriteContext, heads: number, groups: number): string[] {
  const [batch, length, width] = dims(0);
  const size = width / (heads + 2 * groups);
  const widths = [heads * size, groups * size, groups * size];
  const parts = widths.map((own) => [batch, length, own]);
  return emit.ops('Split', [input(0), emit.integers(...widths)], parts, {
    attributes: { axis: 2 },
  });
}

function turnOf(context: RewriteContext): Turn | undefined {
  const { node, input, has, dims } = context;
  if (intAttribute(node, 'do_rotary', 0) !== 1) return undefined;
  const positions = has(9) ? input(9) : undefined;
  const length = dims(0)[1];
  const tables = [input(7), input(8)] as const;
  const [cos, sin] = turnAt(context, tables, positions, { length, headsFirst: true });
  return { cos, sin, interleaved: intAttribute(node, 'rotary_interleaved', 0) === 1 };
}

function causal(context: RewriteContext, q: string): string {
  const length = context.emit.dims(q)[2];
  const window = intAttribute(context.node, 'local_window_size', -1);
  return causalBias(context, q, [length, length], { window: window > 0 ? window : Infinity });
}

export const groupQueryRewrites: readonly RewriteEntry[] = [
  { operators: ['GroupQueryAttention'], domain: MICROSOFT, rewrite: groupQuery },
];
