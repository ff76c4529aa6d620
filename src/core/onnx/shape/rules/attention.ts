import { DataType } from '../../../tensor/data-type.ts';
import { intAttribute, intsAttribute } from '../../graph/attributes.ts';
import { addDims, divideExactly, multiplyDims } from '../dimension.ts';
import type { Dim } from '../dimension.ts';
import type { Rule, RuleContext, ValueType } from '../types.ts';

/*
 * B batch, S new positions, P past ones, T = P + S all, N heads, G key-value heads, H head size.
 */

/** com.microsoft Attention, and QAttention with its scales between: x [B, S, D], fused weights [D, 3·hidden] → [B, S, Dv], [2, B, N, T, H]. */
const fusedAttention: Rule = (c) => {
  const x = c.dims(0);
  const heads = intAttribute(c.node, 'num_heads', 0);
  const [, , ofValue] = intsAttribute(c.node, 'qkv_hidden_sizes') ?? [];
  const hidden = ofValue ?? divideExactly(c.dims(1)?.[1] ?? c.dims(2)?.[0], 3);
  const quantized = c.node.opType === 'QAttention';
  const pastInput = quantized ? 8 : 4;
  const dataType = c.dataType(quantized ? 3 : 0);
  const past = c.has(pastInput) ? c.dims(pastInput)?.[3] : 0;
  const present = [2, x?.[0], heads, addDims(past, x?.[1]), divideExactly(hidden, heads)];
  return [
    { dataType, dims: [x?.[0], x?.[1], hidden] },
    { dataType, dims: present },
  ];
};

/** MultiHeadAttention: query [B, S, D] (or packed [B, S, N, 3, H]) → [B, S, Dv] and key, value caches. */
const multiHeadAttention: Rule = (c) => {
  const query = c.dims(0);
  const dataType = c.dataType(0);
  if (!query) return [{ dataType }, { dataType }, { dataType }];
  const heads = intAttribute(c.node, 'num_heads', 0);
  const packed = query.length === 5;
  const [, , n, , h] = query;
  const value = c.dims(2);
  const width = packed ? multiplyDims(n, h) : valueWidth(value, query[2]);
  const length = packed || !c.has(1) ? query[1] : keyLength(c.dims(1));
  const past = pastOf(c, 6);
  const present = (hidden: Dim): ValueType => ({
    dataType,
    dims: [query[0], heads, addDims(past, length), divideExactly(hidden, heads)],
  });
  const keys = packed ? width : query[2];
  return [{ dataType, dims: [query[0], query[1], width] }, present(keys), present(width)];
};

/** Length of past keys [B, N, P, H]; 0 without a past. */
function pastOf(c: RuleContext, index: number): Dim {
  return c.has(index) ? c.dims(index)?.[2] : 0;
}

/** Keys come as [B, L, D], packed with values [B, L, N, 2, H], or as heads [B, N, L, H]. */
function keyLength(key: readonly Dim[] | undefined): Dim {
  return key?.length === 4 ? key[2] : key?.[1];
}

function valueWidth(value: readonly Dim[] | undefined, fallback: Dim): Dim {
  if (!value) return fallback;
  return value.length === 4 ? multiplyDims(value[1], value[3]) : value[2];
}

/**
 * GroupQueryAttention: query [B, S, N·H], or packed with keys and values [B, S, (N + 2G)·H] when key
 * is omitted. The caches hold max(P, total_sequence_length) positions.
 */
const groupQueryAttention: Rule = (c) => {
  const query = c.dims(0);
  const dataType = c.dataType(0);
  const heads = intAttribute(c.node, 'num_heads', 0);
  const groups = intAttribute(c.node, 'kv_num_heads', heads);
  const size = c.has(1)
    ? divideExactly(query?.[2], heads)
    : divideExactly(query?.[2], heads + 2 * groups);
  const cache: ValueType = {
    dataType: c.has(3) ? c.dataType(3) : dataType,
    dims: [query?.[0], groups, cacheLength(c, query?.[1]), size],
  };
  return [{ dataType, dims: [query?.[0], query?.[1], multiplyDims(heads, size)] }, cache, cache];
};

function cacheLength(c: RuleContext, added: Dim): Dim {
  const past = pastOf(c, 3);
  const total = c.known(6)?.elements[0];
  if (typeof past === 'number' && typeof total === 'number') return Math.max(past, total);
  return typeof total === 'string' ? total : past === 0 ? added : undefined;
}

/** ai.onnx Attention 23: 4-D [B, N, S, H] or 3-D [B, S, N·H] → Y, present key and value, scores. */
const attention: Rule = (c) => {
  const [q, k, v] = [c.dims(0), c.dims(1), c.dims(2)];
  const dataType = c.dataType(0);
  if (!q || !k || !v) return [{ dataType }, { dataType }, { dataType }, { dataType }];
  const flat = q.length === 3;
  const heads = flat ? intAttribute(c.node, 'q_num_heads', 0) : q[1];
  const groups = flat ? intAttribute(c.node, 'kv_num_heads', 0) : k[1];
  const headOf = (dims: readonly Dim[]): Dim => (flat ? divideExactly(dims[2], groups) : dims[3]);
  const past = pastOf(c, 4);
  const total = addDims(past, flat ? k[1] : k[2]);
  const queries = flat ? q[1] : q[2];
  const output = flat
    ? [q[0], queries, multiplyDims(heads, headOf(v))]
    : [q[0], heads, queries, v[3]];
  return [
    { dataType, dims: output },
    { dataType: c.dataType(1), dims: [q[0], groups, total, headOf(k)] },
    { dataType: c.dataType(2), dims: [q[0], groups, total, headOf(v)] },
    { dataType, dims: [q[0], heads, queries, total] },
  ];
};

/** RelativePositionBias: table [buckets, N], lengths → [1, N, queries, keys]. */
const positionBias: Rule = (c) => [
  {
    dataType: c.dataType(0) || DataType.float32,
    dims: [1, c.dims(0)?.[1], c.known(1)?.elements[0], c.known(2)?.elements[0]],
  },
];

/** RNN, GRU, LSTM: X [S, B, I] (layout 0) → Y [S, directions, B, H], Y_h and Y_c [directions, B, H]. */
const recurrent: Rule = (c) => {
  const x = c.dims(0);
  const dataType = c.dataType(0);
  const swapped = intAttribute(c.node, 'layout', 0) === 1;
  const directions = c.dims(2)?.[0];
  const hidden = intAttribute(c.node, 'hidden_size') ?? c.dims(2)?.[2];
  const [steps, batch] = swapped ? [x?.[1], x?.[0]] : [x?.[0], x?.[1]];
  const state = swapped ? [batch, directions, hidden] : [directions, batch, hidden];
  const all = swapped ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
  return [
    { dataType, dims: all },
    { dataType, dims: state },
    { dataType, dims: state },
  ];
};

export const attentionRules = {
  fusedAttention,
  multiHeadAttention,
  groupQueryAttention,
  attention,
  positionBias,
  recurrent,
} satisfies Record<string, Rule>;
