import { isOp } from '../anatomy/operators.ts';
import { intAttribute } from '../onnx/graph/attributes.ts';
import type { Node } from '../onnx/types.ts';
import type { Draft, Reason } from './draft.ts';
import { gathered, onLastAxis } from './pattern.ts';
import { called } from './scene.ts';
import type { Pattern } from './types.ts';

/** Where the values of a fused attention come from, with their pattern; neither where stored tensors took the scale. */
export interface AttentionValues {
  readonly reason?: Reason | undefined;
  readonly next?: { readonly value: string; readonly pattern: Pattern };
}

type Rule = (draft: Draft, node: Node, pattern: Pattern) => AttentionValues;

/** Operators that hold a whole attention; undefined for other nodes. */
export function attentionValues(
  draft: Draft,
  node: Node,
  value: string,
  pattern: Pattern,
): AttentionValues | undefined {
  const own = node.domain === 'com.microsoft' ? MICROSOFT.get(node.opType) : undefined;
  const found = own ?? (isOp(node, 'Attention') ? standard : undefined);
  if (found === undefined) return undefined;
  if (value !== node.outputs[0]) return { reason: `${called(node)} keeps it in the cache` };
  return found(draft, node, pattern);
}

/** What is in a cache must mean the same to whoever else reads it. */
function keepsValues({ scene }: Draft, node: Node, past: number, present: number): boolean {
  const [input, output] = [node.inputs[past] ?? '', node.outputs[present] ?? ''];
  const given = input !== '' && !scene.view.isConstant(input);
  const read =
    output !== '' && (scene.view.outputs.has(output) || scene.view.uses(output).length > 0);
  return given || read;
}

/** Labels of `heads` in groups become those of the heads they share: one each, the others tied to it. */
function shared(draft: Draft, labels: Int32Array, heads: number, kept: number): Int32Array {
  const [size, each] = [labels.length / heads, heads / kept];
  const own = new Int32Array(kept * size);
  for (let head = 0; head < heads; head++) {
    for (let d = 0; d < size; d++) {
      const at = Math.floor(head / each) * size + d;
      const label = labels[head * size + d];
      if (head % each === 0) own[at] = label;
      else draft.ties.push([own[at], label]);
    }
  }
  return own;
}

function vector(rank: number, labels: Int32Array): Pattern {
  return {
    dims: Array.from({ length: rank }, (_, i) => (i < rank - 1 ? 1 : labels.length)),
    labels,
  };
}

/** The last part of an axis that holds queries, keys and values behind each other. */
function lastPart(labels: Int32Array, total: number): Int32Array {
  const whole = new Int32Array(total).fill(-1);
  whole.set(labels, total - labels.length);
  return whole;
}

const cached = (node: Node): AttentionValues => ({
  reason: `${called(node)} keeps it in the cache, whose meaning stays`,
});

/** MultiHeadAttention(q, k, v, bias [q k v], …, past key, past value). */
const multiHead: Rule = (draft, node, pattern) => {
  if (keepsValues(draft, node, 7, 2)) return cached(node);
  const [value, bias] = [node.inputs[2] ?? '', node.inputs[3] ?? ''];
  const labels = onLastAxis(pattern);
  const dims = draft.scene.dims(value);
  if (labels === undefined || dims === undefined)
    return { reason: `${called(node)} reads packed values` };
  if (bias !== '') {
    const total = Number(draft.scene.dims(bias)?.[0]);
    const reason = draft.part(node, 3, vector(1, lastPart(labels, total)), -1);
    if (reason !== undefined) return { reason };
  }
  if (dims.length === 3) return { next: { value, pattern } };
  const heads = intAttribute(node, 'num_heads', 0);
  if (dims.length !== 4 || heads === 0) return { reason: `${called(node)} reads packed values` };
  return { next: { value, pattern: { dims: [1, heads, 1, labels.length / heads], labels } } };
};

/** GroupQueryAttention(q or all of them, k, v, past key, past value, …). */
const groupQuery: Rule = (draft, node, pattern) => {
  if (keepsValues(draft, node, 4, 2)) return cached(node);
  const labels = onLastAxis(pattern);
  if (labels === undefined) return { reason: `${called(node)} mixes its channels` };
  const heads = intAttribute(node, 'num_heads', 0);
  const own = shared(draft, labels, heads, intAttribute(node, 'kv_num_heads', heads));
  const [packed, , value] = node.inputs;
  if (value) return { next: { value, pattern: vector(3, own) } };
  const total = draft.scene.dims(packed)?.at(-1);
  if (typeof total !== 'number') return { reason: `sizes of ${called(node)} are not known` };
  return { next: { value: packed, pattern: vector(3, lastPart(own, total)) } };
};

/** Attention(x, W [in, q k v], bias, mask, past): the projections are inside. */
const projecting: Rule = (draft, node, pattern) => {
  if (keepsValues(draft, node, 4, 1)) return cached(node);
  const labels = onLastAxis(pattern);
  const total = draft.scene.dims(node.inputs[1])?.[1];
  if (labels === undefined || typeof total !== 'number')
    return { reason: `sizes of ${called(node)} are not known` };
  draft.by = 'layer';
  const whole = lastPart(labels, total);
  const reason =
    draft.part(node, 1, vector(2, whole), -1) ??
    (node.inputs[2] ? draft.part(node, 2, vector(1, whole), -1) : undefined);
  return { reason };
};

/** ai.onnx Attention(q, k, v, mask, past key, past value): [b, h, s, d] or [b, s, h·d]. */
const standard: Rule = (draft, node, pattern) => {
  if (keepsValues(draft, node, 5, 2)) return cached(node);
  const value = node.inputs[2] ?? '';
  const dims = draft.scene.dims(value);
  const flat = onLastAxis(pattern);
  if (dims?.length === 3 && flat !== undefined) {
    const heads = intAttribute(node, 'q_num_heads', 0);
    const kept = intAttribute(node, 'kv_num_heads', heads);
    return { next: { value, pattern: vector(3, shared(draft, flat, heads, kept)) } };
  }
  const kept = dims?.[1];
  if (dims?.length !== 4 || typeof kept !== 'number')
    return { reason: `sizes of ${called(node)} are not known` };
  const [, heads, , size] = pattern.dims;
  const whole = gathered(pattern, [1, heads, 1, size], (index) => index, false);
  if (heads === 1) return { next: { value, pattern: whole } };
  const labels = shared(draft, whole.labels, heads, kept);
  return { next: { value, pattern: { dims: [1, kept, 1, size], labels } } };
};

const MICROSOFT: ReadonlyMap<string, Rule> = new Map([
  ['MultiHeadAttention', multiHead],
  ['GroupQueryAttention', groupQuery],
  ['Attention', projecting],
]);
