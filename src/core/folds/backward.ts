import { isFused, isOp } from '../anatomy/operators.ts';
import { placeOf } from '../encodings/place.ts';
import { intAttribute, intsAttribute } from '../onnx/graph/attributes.ts';
import type { Node } from '../onnx/types.ts';
import { isFloatType } from '../tensor/convert.ts';
import { attentionValues } from './attention.ts';
import type { Draft, Reason } from './draft.ts';
import { readBesides, RESHAPES, SAME } from './forward.ts';
import { beforeTranspose, gathered, onLastAxis, reshaped } from './pattern.ts';
import { called } from './scene.ts';
import type { Pattern } from './types.ts';

/**
 * Follows a value back to what can make it divided by s: a norm's gain and shift, the rows and bias of a linear layer, a stored
 * factor. Everything else that reads it on the way must be a layer that can be multiplied. The reason where it cannot.
 */
export function followBack(
  draft: Draft,
  value: string,
  pattern: Pattern,
  from?: string,
): Reason | undefined {
  const { view } = draft.scene;
  const besides = readBesides(draft, value, pattern, from);
  if (besides !== undefined) return besides;
  const node = view.maker(value);
  if (node === undefined) return `"${value}" comes from outside of the graph`;
  if (draft.scene.norms.has(value)) draft.by = 'norm';
  if (draft.scene.layers.has(value)) return layerRows(draft, node, pattern);
  const norm = normPart(draft, node, value, pattern);
  if (norm === undefined) return rule(draft, node, value, pattern);
  if (norm.reason === undefined) draft.by = 'norm';
  return norm.reason;
}

type Rule = (draft: Draft, node: Node, value: string, pattern: Pattern) => Reason | undefined;

/** A layer's rows and its bias. */
const layerRows = (draft: Draft, node: Node, pattern: Pattern): Reason | undefined => {
  const { scene } = draft;
  const layer = scene.layers.get(node.outputs[0]);
  const labels = onLastAxis(pattern);
  const place =
    layer && placeOf(scene.model, { ...layer, output: node.outputs[0], op: opOf(node) });
  if (layer === undefined || layer.op === 'Conv' || labels?.length !== layer.outFeatures)
    return `${called(node)} makes its channels in another order`;
  if (place === undefined || !isFloatType(place.weight.dataType))
    return `the weight of ${called(node)} is stored as codes`;
  draft.by = 'layer';
  draft.rows.set(node.outputs[0], { layer, labels });
  if (isOp(node, 'Gemm') && node.inputs[2]) return draft.part(node, 2, pattern, -1);
  return undefined;
};

function opOf(node: Node): 'MatMul' | 'Gemm' {
  return node.opType === 'Gemm' ? 'Gemm' : 'MatMul';
}

/** Whether an operator that norms has taken it. */
interface Taken {
  readonly reason: Reason | undefined;
}

function normPart(draft: Draft, node: Node, value: string, pattern: Pattern): Taken | undefined {
  const layer = isFused(node, 'LayerNormalization', 'SkipLayerNormalization');
  const rms = isFused(
    node,
    'SimplifiedLayerNormalization',
    'RMSNormalization',
    'SkipSimplifiedLayerNormalization',
  );
  if (!layer && !rms) return undefined;
  if (value !== node.outputs[0])
    return { reason: `${called(node)} adds it to the residual stream` };
  if (onLastAxis(pattern) === undefined) return { reason: `${called(node)} norms another axis` };
  const gain = node.opType.startsWith('Skip') ? 2 : 1;
  const first = draft.part(node, gain, pattern, -1);
  if (first !== undefined) return { reason: first };
  const shift =
    layer && node.inputs[gain + 1] ? draft.part(node, gain + 1, pattern, -1) : undefined;
  return { reason: shift };
}

const same: Rule = (draft, node, _, pattern) =>
  followBack(draft, node.inputs[0], pattern, node.outputs[0]);

const moved: Rule = (draft, node, value, pattern) => {
  const { dims } = draft.scene;
  const [from, to] = [dims(value), dims(node.inputs[0])];
  const before = from && to && reshaped(pattern, from, to);
  if (before === undefined) return `${called(node)} mixes its channels`;
  return followBack(draft, node.inputs[0], before, node.outputs[0]);
};

const transpose: Rule = (draft, node, _, pattern) => {
  const rank = pattern.dims.length;
  const perm = intsAttribute(node, 'perm') ?? pattern.dims.map((__, axis) => rank - 1 - axis);
  return followBack(draft, node.inputs[0], beforeTranspose(pattern, perm), node.outputs[0]);
};

/** What is repeated has one scale: its channels are tied. */
const expand: Rule = (draft, node, _, pattern) => {
  const [input] = node.inputs;
  const to = draft.scene.dims(input);
  if (to === undefined) return `the shape of "${input}" is not known`;
  const extra = pattern.dims.length - to.length;
  const sizes = pattern.dims.map((d, axis) => (axis < extra || to[axis - extra] === 1 ? 1 : d));
  const tied = gathered(pattern, sizes, (index) => index, false);
  const behind = gathered(tied, pattern.dims, (index) => index, false);
  pattern.labels.forEach((label, i) => {
    if (label !== behind.labels[i]) draft.ties.push([behind.labels[i], label]);
  });
  const dims = sizes.slice(Math.max(0, extra));
  return followBack(draft, input, { dims, labels: tied.labels }, node.outputs[0]);
};

/** A part of an axis; the rest of the input stays. */
const split: Rule = (draft, node, value, pattern) => {
  const { dims } = draft.scene;
  const [input] = node.inputs;
  const rank = pattern.dims.length;
  const axis = (intAttribute(node, 'axis', 0) + rank) % rank;
  const sizes = node.outputs.map((output) => dims(output)?.[axis]);
  const before = sizes.slice(0, node.outputs.indexOf(value));
  const total = dims(input)?.[axis];
  const own = dims(value)?.[axis];
  if (typeof total !== 'number' || typeof own !== 'number')
    return `sizes of ${called(node)} are not known`;
  const offset = before.reduce<number>(
    (sum, size) => sum + (typeof size === 'number' ? size : NaN),
    0,
  );
  if (Number.isNaN(offset)) return `sizes of ${called(node)} are not known`;
  return followBack(draft, input, partOf(pattern, axis, total, offset, own), node.outputs[0]);
};

function partOf(
  pattern: Pattern,
  axis: number,
  total: number,
  offset: number,
  size: number,
): Pattern {
  return gathered(pattern, pattern.dims.with(axis, total), (index) => {
    const at = index[axis] - offset;
    return at >= 0 && at < size ? [...index].with(axis, at) : undefined;
  });
}

/** One entry of an axis (q, k, v side by side). */
const gather: Rule = (draft, node, _, pattern) => {
  const { dims, numbers } = draft.scene;
  const [input, indices] = node.inputs;
  const from = dims(input);
  const picked = numbers(indices);
  const scalar = dims(indices)?.length === 0;
  if (from === undefined || picked?.length !== 1 || !scalar) return `${called(node)} picks by data`;
  const axis = (intAttribute(node, 'axis', 0) + from.length) % from.length;
  const size = from[axis];
  if (typeof size !== 'number') return `sizes of ${called(node)} are not known`;
  const at = (picked[0] + size) % size;
  const sizes = [...pattern.dims.slice(0, axis), size, ...pattern.dims.slice(axis)];
  const before = gathered(pattern, sizes, (index) =>
    index[axis] === at ? index.filter((__, i) => i !== axis) : undefined,
  );
  return followBack(draft, input, before, node.outputs[0]);
};

/** The values of an attention that is written out: probabilities · V. */
const product: Rule = (draft, node, _, pattern) => {
  const { view, dims } = draft.scene;
  const [, values] = node.inputs;
  const rank = pattern.dims.length;
  const same = dims(values)?.length === rank && pattern.dims[rank - 2] === 1;
  if (!same || view.isConstant(values)) return `${called(node)} mixes its channels`;
  const sizes = dims(values) ?? [];
  if (pattern.dims.some((d, axis) => d !== 1 && sizes[axis] !== d))
    return `${called(node)} repeats values`;
  return followBack(draft, values, pattern, node.outputs[0]);
};

const add: Rule = (draft, node, _, pattern) => {
  const stored = node.inputs.findIndex((value) => draft.scene.view.isConstant(value));
  if (stored < 0) return `${called(node)} adds it to something else`;
  const other = node.inputs[1 - stored];
  if (pattern.dims.length !== draft.scene.dims(other)?.length)
    return `${called(node)} changes its axes`;
  return (
    draft.part(node, stored, pattern, -1) ?? followBack(draft, other, pattern, node.outputs[0])
  );
};

/** A stored factor takes it where there is one of each channel; of two computed factors either can. */
const multiply: Rule = (draft, node, _, pattern) => {
  const { view, dims } = draft.scene;
  const divides = isOp(node, 'Div');
  const stored = node.inputs.findIndex((value) => view.isConstant(value));
  const on = (slot: number) => (): Reason | undefined => {
    const value = node.inputs[slot];
    if (dims(value)?.length !== pattern.dims.length) return `${called(node)} changes its axes`;
    return followBack(draft, value, pattern, node.outputs[0]);
  };
  if (divides && stored === 0) return draft.part(node, 0, pattern, -1);
  if (divides && stored < 0) return on(0)();
  if (stored < 0) return draft.firstOf([on(1), on(0)]);
  return draft.firstOf([() => draft.part(node, stored, pattern, divides ? 1 : -1), on(1 - stored)]);
};

const RULES: readonly (readonly [readonly string[], Rule])[] = [
  // WHY Relu: max(x, 0) / s = max(x / s, 0) for every positive s.
  [[...SAME, 'Relu', 'LeakyRelu'], same],
  [RESHAPES, moved],
  [['Transpose'], transpose],
  [['Expand'], expand],
  [['Split'], split],
  [['Gather'], gather],
  [['MatMul'], product],
  [['Add'], add],
  [['Mul', 'Div'], multiply],
];

const rule: Rule = (draft, node, value, pattern) => {
  const attention = attentionValues(draft, node, value, pattern);
  if (attention !== undefined) {
    const { reason, next } = attention;
    return reason ?? (next && followBack(draft, next.value, next.pattern, node.outputs[0]));
  }
  const found = RULES.find(([types]) => isOp(node, ...types));
  return found === undefined
    ? `${called(node)} hands no scale on`
    : found[1](draft, node, value, pattern);
};
