import { floatAttribute, intAttribute } from '../../../onnx/graph/attributes.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { attend, causalBias, forbidden, joinHeads, splitHeads, withPast } from '../attend.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';

/**
 * Attention of ai.onnx 23: softmax(q·kᵀ·scale + mask)·v over 4-D heads or 3-D rows. Inputs: q, k, v,
 * mask (bool: what counts; float: added)?, past keys?, past values?. Outputs: the operator's size, keys,
 * values.
 */
function attention(context: RewriteContext) {
  const { node, emit, input, has, wants, dims, refuse } = context;
  if (has(6) || wants(3)) {
    throw refuse(
      'takes lengths of its keys or hands out scores, which is not written out here; export the model unfused',
    );
  }
  const flat = dims(0).length === 3;
  const counts = ['q_num_heads', 'kv_num_heads', 'kv_num_heads'];
  const [q, ownK, ownV] = counts.map((name, which) =>
    flat ? splitHeads(emit, input(which), intAttribute(node, name, 1)) : input(which),
  );
  const [k, v] = [withPast(emit, input(4), ownK), withPast(emit, input(5), ownV)];
  const mixed = attend(emit, {
    q,
    k,
    v,
    scale: floatAttribute(node, 'scale'),
    biases: scoreBiases(context, q, k),
    softcap: floatAttribute(node, 'softcap', 0),
  });
  return [flat ? joinHeads(emit, mixed) : mixed, k, v];
}

function scoreBiases(context: RewriteContext, q: string, k: string): string[] {
  const { node, emit, input, has, refuse } = context;
  const [queries, keys] = [emit.dims(q)[2], emit.dims(k)[2]];
  const biases: string[] = [];
  if (has(3)) biases.push(added(context, input(3), q));
  if (intAttribute(node, 'is_causal', 0) === 1) {
    if (has(4) && emit.dims(input(4))[2] > 0) {
      throw refuse('is causal and reads a cache; export the model without a cache');
    }
    biases.push(causalBias(context, q, [queries, keys]));
  }
  return biases;
}

function added({ emit }: RewriteContext, mask: string, q: string): string {
  if (emit.dataType(mask) !== DataType.bool) return mask;
  return emit.where(mask, emit.scalar(0, emit.dataType(q)), forbidden(emit, q));
}

export const standardAttentionRewrites: readonly RewriteEntry[] = [
  { operators: ['Attention'], rewrite: attention },
];
