import { intAttribute, intsAttribute } from '../onnx/graph/attributes.ts';
import type { Node } from '../onnx/types.ts';
import type { AttentionCore } from './core.ts';
import type { DimsOf } from './linear.ts';
import { isOp } from './operators.ts';
import type { GraphView } from './view.ts';

type Match = (view: GraphView, node: Node, dimsOf: DimsOf) => Partial<AttentionCore> | undefined;

/** Operators of the domain com.microsoft that hold a whole attention. */
const MICROSOFT: Readonly<Record<string, Match>> = {
  Attention: projectingAttention,
  QAttention: projectingAttention,
  PackedAttention: projectingAttention,
  LongformerAttention: projectingAttention,
  DecoderMaskedSelfAttention: projectingAttention,
  MultiHeadAttention: multiHead,
  DecoderMaskedMultiHeadAttention: multiHead,
  PackedMultiHeadAttention: multiHead,
  GroupQueryAttention: groupedQuery,
  PagedAttention: groupedQuery,
  SparseAttention: groupedQuery,
};

/** All attentions of a graph that are one operator: onnxruntime's fused ones and ai.onnx Attention. */
export function findFusedAttention(view: GraphView, dimsOf: DimsOf): AttentionCore[] {
  return view.nodes.flatMap((node, index) => {
    const standard = isOp(node, 'Attention') ? standardAttention : undefined;
    const match = node.domain === 'com.microsoft' ? MICROSOFT[node.opType] : standard;
    const found = match?.(view, node, dimsOf);
    if (!found) return [];
    const [query, key, value] = node.inputs;
    const defaults = { query, key, value, causal: false, rotary: false, cached: false };
    return [{ ...defaults, ...found, node: index, output: node.outputs[0] }];
  });
}

const has = (node: Node, slot: number): boolean => Boolean(node.inputs[slot]);
const flag = (node: Node, name: string): boolean => intAttribute(node, name, 0) === 1;

/** Attention(input, weights [in, q+k+v], bias, …): the projections are inside the operator. */
function projectingAttention(_view: GraphView, node: Node, dimsOf: DimsOf): Partial<AttentionCore> {
  const [input, weight] = node.inputs;
  const heads = intAttribute(node, 'num_heads');
  const [inFeatures, width] = dimsOf(weight) ?? [];
  const query = intsAttribute(node, 'qkv_hidden_sizes')?.[0] ?? (width && width / 3);
  return {
    query: input,
    key: input,
    value: input,
    inside: { weight, inFeatures },
    heads,
    keyValueHeads: heads,
    headSize: query && heads ? query / heads : undefined,
    causal: flag(node, 'unidirectional') || node.opType === 'DecoderMaskedSelfAttention',
    rotary: flag(node, 'do_rotary'),
    cached: has(node, 4) && node.opType === 'Attention',
  };
}

/** MultiHeadAttention(query, key?, value?, …): without key, all three are packed in the query. */
function multiHead(_view: GraphView, node: Node): Partial<AttentionCore> {
  const [query, key = '', value = ''] = node.inputs;
  const heads = intAttribute(node, 'num_heads');
  const decoding = node.opType === 'DecoderMaskedMultiHeadAttention';
  return {
    query,
    key: key || query,
    value: value || key || query,
    heads,
    keyValueHeads: heads,
    causal: flag(node, 'unidirectional') || decoding,
    cached: has(node, 6),
  };
}

/** GroupQueryAttention(query, key?, value?, past_key, past_value, …) is causal by definition. */
function groupedQuery(_view: GraphView, node: Node): Partial<AttentionCore> {
  const [query, key = '', value = ''] = node.inputs;
  return {
    query,
    key: key || query,
    value: value || query,
    heads: intAttribute(node, 'num_heads'),
    keyValueHeads: intAttribute(node, 'kv_num_heads'),
    causal: true,
    rotary: flag(node, 'do_rotary'),
    cached: has(node, 3),
  };
}

/** Attention of ai.onnx 23: heads are axis 1 of 4-D inputs, or attributes with 3-D inputs. */
function standardAttention(_view: GraphView, node: Node, dimsOf: DimsOf): Partial<AttentionCore> {
  const [query, key] = [dimsOf(node.inputs[0]), dimsOf(node.inputs[1])];
  const headsOf = (dims: typeof query) => (dims?.length === 4 ? dims[1] : undefined);
  const heads = intAttribute(node, 'q_num_heads') ?? headsOf(query);
  const width = query?.at(-1);
  const perHead = query?.length === 4 ? width : heads && width ? width / heads : undefined;
  return {
    heads,
    keyValueHeads: intAttribute(node, 'kv_num_heads') ?? headsOf(key),
    headSize: perHead,
    causal: flag(node, 'is_causal'),
    cached: has(node, 4),
  };
}
