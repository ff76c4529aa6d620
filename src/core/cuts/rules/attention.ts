import { intAttribute, intsAttribute } from '../../onnx/graph/attributes.ts';
import { compressed, FIXED, joined, period, repeated, stretched, type Labels } from '../labels.ts';
import { axisOf, rankOf, type CutRule, type Site } from '../site.ts';

/** Where one operand of a fused attention has its heads: `parts` of them behind each other on one axis. */
interface Place {
  readonly value: string | undefined;
  readonly axis: number;
  /** Heads of queries or of keys and values, in this order along the axis. */
  readonly parts: readonly ('q' | 'k')[];
}

interface Heads {
  readonly q: number;
  readonly k: number;
}

/** Labels of query heads and of key/value heads; undefined where they all stay. */
interface HeadLabels {
  readonly q?: Labels;
  readonly k?: Labels;
}

/** Finds the labels of heads in whatever operand is marked, and marks all operands with them. */
function spreadHeads(site: Site, heads: Heads, places: readonly Place[]): void {
  const seen = places.flatMap((place) => labelsOf(site, heads, place) ?? []);
  const first = seen.find(({ q }) => q) ?? seen.find(({ k }) => k);
  if (first === undefined) return;
  const all = completed(site, heads, first);
  for (const place of places) markPlace(site, heads, place, all);
}

function labelsOf(site: Site, heads: Heads, { value, axis, parts }: Place): HeadLabels | undefined {
  const mark = value ? site.mark(value) : undefined;
  if (value === undefined || mark === undefined) return undefined;
  if (mark.axis !== axisOf(axis, rankOf(site, value))) site.refuse('has no head along this axis');
  const total = parts.reduce((sum, part) => sum + heads[part], 0);
  const size = site.dims(value)?.[mark.axis];
  const whole = typeof size === 'number' ? repeated(mark.labels, size) : mark.labels;
  const byHead = compressed(whole, whole.length / total);
  if (byHead === undefined) site.refuse('needs heads of one size');
  const found: { q?: Labels; k?: Labels } = {};
  let from = 0;
  for (const part of parts) {
    const own = byHead.subarray(from, (from += heads[part]));
    if (!own.every((label) => label === FIXED)) found[part] ??= own;
  }
  return found;
}

/** Of keys from queries and back: with grouped queries a group goes whole, or each group loses as many. */
function completed(site: Site, { q, k }: Heads, found: HeadLabels): HeadLabels {
  const each = q / k;
  if (site.pooled) return { k: found.k };
  if (found.q === undefined) return { k: found.k, q: found.k && stretched(found.k, each) };
  const byGroup = compressed(found.q, each);
  if (each === 1 || byGroup !== undefined) return { q: found.q, k: byGroup };
  if (period(found.q, each) === undefined) site.refuse('needs equally many queries in each group');
  return { q: found.q };
}

function markPlace(site: Site, heads: Heads, { value, axis, parts }: Place, all: HeadLabels): void {
  if (!value) return;
  const rank = rankOf(site, value);
  const at = axisOf(axis, rank);
  const size = site.dims(value)?.[at];
  if (size === 1) return;
  if (parts.every((part) => all[part] === undefined)) return;
  const byHead = joined(parts.map((part) => all[part] ?? new Int32Array(heads[part]).fill(FIXED)));
  if (typeof size !== 'number') site.refuse(`has a value "${value}" whose heads are not known`);
  site.put(value, at, stretched(byHead, size / byHead.length));
}

/** How many of `heads` stay, read off a value that has them along an axis. */
function remaining(
  dims: readonly (number | string | undefined)[] | undefined,
  before: readonly (number | string | undefined)[] | undefined,
  axis: number,
  heads: number,
): number {
  const [now, was] = [dims?.at(axis), before?.at(axis)];
  return typeof now === 'number' && typeof was === 'number' ? (heads * now) / was : heads;
}

/** MultiHeadAttention(query, key, value, bias, mask, scores' bias, past key, past value). */
const multiHead: CutRule = {
  spread: (site) => {
    const { inputs, outputs } = site.node;
    const heads = intAttribute(site.node, 'num_heads', 0);
    const rank = (value: string | undefined) => (value ? rankOf(site, value) : 0);
    const own = (value: string | undefined): Place => ({
      value,
      axis: rank(value) === 3 ? 2 : rank(value) === 5 ? 2 : 1,
      parts: ['q'],
    });
    spreadHeads(site, { q: heads, k: heads }, [
      ...inputs.slice(0, 3).map(own),
      { value: inputs[3], axis: 0, parts: ['q', 'q', 'q'] },
      { value: inputs[5], axis: 1, parts: ['q'] },
      { value: inputs[6], axis: 1, parts: ['q'] },
      { value: inputs[7], axis: 1, parts: ['q'] },
      { value: outputs[0], axis: 2, parts: ['q'] },
      { value: outputs[1], axis: 1, parts: ['q'] },
      { value: outputs[2], axis: 1, parts: ['q'] },
    ]);
  },
  settings: ({ site, after }) => {
    const { node } = site;
    const heads = intAttribute(node, 'num_heads', 0);
    const [value] = node.outputs;
    return {
      attributes: { num_heads: remaining(after(value), site.dims(value), 2, heads) },
    };
  },
};

/** GroupQueryAttention(query, key, value, past key, past value, lengths …, 9 attention bias, 11 sink). */
const groupQuery: CutRule = {
  spread: (site) => {
    const { node } = site;
    const { inputs, outputs } = node;
    const q = intAttribute(node, 'num_heads', 0);
    const k = intAttribute(node, 'kv_num_heads', q);
    const packed = !inputs[1];
    const keys = (value: string | undefined, axis: number): Place => ({
      value,
      axis,
      parts: ['k'],
    });
    spreadHeads(site, { q, k }, [
      { value: inputs[0], axis: 2, parts: packed ? ['q', 'k', 'k'] : ['q'] },
      keys(inputs[1], 2),
      keys(inputs[2], 2),
      keys(inputs[3], 1),
      keys(inputs[4], 1),
      { value: inputs[10], axis: 1, parts: ['q'] },
      { value: inputs[11], axis: 0, parts: ['q'] },
      { value: outputs[0], axis: 2, parts: ['q'] },
      keys(outputs[1], 1),
      keys(outputs[2], 1),
    ]);
  },
  settings: ({ site, after }) => {
    const { node } = site;
    const q = intAttribute(node, 'num_heads', 0);
    const k = intAttribute(node, 'kv_num_heads', q);
    const [context, present] = node.outputs;
    const [size, axis] = node.inputs[1] ? [node.inputs[1], 2] : [present, 1];
    return {
      attributes: {
        num_heads: remaining(after(context), site.dims(context), 2, q),
        kv_num_heads: size ? remaining(after(size), site.dims(size), axis, k) : k,
      },
    };
  },
};

/** Attention(x, W [in, q+k+v], bias, mask, past [2, b, h, p, d], scores' bias): the projections are inside. */
const projecting: CutRule = {
  spread: (site) => {
    const { inputs, outputs } = site.node;
    const heads = intAttribute(site.node, 'num_heads', 0);
    const [x, w, bias, , past, added] = inputs;
    if (site.mark(x)) site.refuse('projects this axis');
    const three: Place['parts'] = ['q', 'q', 'q'];
    if (unevenSizes(site)) site.refuse('has queries and values of different sizes');
    spreadHeads(site, { q: heads, k: heads }, [
      { value: w, axis: 1, parts: three },
      { value: bias, axis: 0, parts: three },
      { value: past, axis: 2, parts: ['q'] },
      { value: added, axis: 1, parts: ['q'] },
      { value: outputs[0], axis: 2, parts: ['q'] },
      { value: outputs[1], axis: 2, parts: ['q'] },
    ]);
  },
  settings: ({ site, after }) => {
    const { node } = site;
    const heads = intAttribute(node, 'num_heads', 0);
    const [value] = node.outputs;
    const num_heads = remaining(after(value), site.dims(value), 2, heads);
    const sizes = intsAttribute(node, 'qkv_hidden_sizes');
    const scaled = sizes?.map((size) => (size * num_heads) / heads);
    return { attributes: { num_heads, ...(scaled && { qkv_hidden_sizes: scaled }) } };
  },
};

function unevenSizes(site: Site): boolean {
  const sizes = intsAttribute(site.node, 'qkv_hidden_sizes');
  return sizes !== undefined && new Set(sizes).size !== 1;
}

/** ai.onnx Attention(Q, K, V, mask, past key, past value): [b, h, s, d] or [b, s, h·d]. */
const standard: CutRule = {
  spread: (site) => {
    const { inputs, outputs } = site.node;
    const flat = rankOf(site, inputs[0]) === 3;
    const heads = standardHeads(site);
    const axis = flat ? 2 : 1;
    const maskRank = inputs[3] ? rankOf(site, inputs[3]) : 0;
    spreadHeads(site, heads, [
      { value: inputs[0], axis, parts: ['q'] },
      { value: inputs[1], axis, parts: ['k'] },
      { value: inputs[2], axis, parts: ['k'] },
      { value: maskRank >= 3 ? inputs[3] : undefined, axis: maskRank - 3, parts: ['q'] },
      { value: inputs[4], axis: 1, parts: ['k'] },
      { value: inputs[5], axis: 1, parts: ['k'] },
      { value: outputs[0], axis, parts: ['q'] },
      { value: outputs[1], axis: 1, parts: ['k'] },
      { value: outputs[2], axis: 1, parts: ['k'] },
      { value: outputs[3], axis: 1, parts: ['q'] },
    ]);
  },
  settings: ({ site, after }) => {
    const { node } = site;
    if (rankOf(site, node.inputs[0]) !== 3) return {};
    const { q, k } = standardHeads(site);
    const [query, key] = node.inputs;
    return {
      attributes: {
        q_num_heads: remaining(after(query), site.dims(query), 2, q),
        kv_num_heads: remaining(after(key), site.dims(key), 2, k),
      },
    };
  },
};

function standardHeads(site: Site): Heads {
  const { node } = site;
  if (rankOf(site, node.inputs[0]) === 3) {
    const q = intAttribute(node, 'q_num_heads', 0);
    return { q, k: intAttribute(node, 'kv_num_heads', q) };
  }
  const [q, k] = [site.dims(node.inputs[0])?.[1], site.dims(node.inputs[1])?.[1]];
  if (typeof q !== 'number' || typeof k !== 'number') site.refuse('has an unknown number of heads');
  return { q, k };
}

/** RotaryEmbedding of [b, s, h·d] or [b, h, s, d]: heads go, the tables stay. */
const rotary: CutRule = {
  spread: (site) => {
    const { node } = site;
    const [from, to] = [node.inputs[0], node.outputs[0]];
    const rank = rankOf(site, from);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ]) {
      const mark = site.mark(one);
      if (mark === undefined) continue;
      if (mark.axis !== (rank === 3 ? 2 : 1)) site.refuse('rotates along this axis');
      site.put(other, mark.axis, mark.labels);
    }
  },
  settings: ({ site, after }) => {
    const { node } = site;
    const heads = intAttribute(node, 'num_heads', 0);
    const [from] = node.inputs;
    if (heads === 0 || rankOf(site, from) !== 3) return {};
    return { attributes: { num_heads: remaining(after(from), site.dims(from), 2, heads) } };
  },
};

const bothDomains = (name: string, rule: CutRule): [string, CutRule][] =>
  ['', 'ai.onnx', 'com.microsoft'].map((domain) => [`${domain}:${name}`, rule]);

/** Rules of operators that hold a whole attention, by "domain:operator". */
export const attentionRules: ReadonlyMap<string, CutRule> = new Map<string, CutRule>([
  ['com.microsoft:Attention', projecting],
  [':Attention', standard],
  ['ai.onnx:Attention', standard],
  ...bothDomains('MultiHeadAttention', multiHead),
  ...bothDomains('GroupQueryAttention', groupQuery),
  ...bothDomains('RotaryEmbedding', rotary),
]);
