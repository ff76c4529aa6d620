import { DataType } from '../../../tensor/data-type.ts';
import { attribute, intAttribute, intsAttribute, tensorAttribute } from '../../graph/attributes.ts';
import { unknownDims } from '../axes.ts';
import { ceilDivideDims, isAtLeastZero, subtractDims } from '../dimension.ts';
import type { Dim } from '../dimension.ts';
import type { Rule, RuleContext, ValueType } from '../types.ts';

/** Constant: one of value, value_int(s), value_float(s), value_string(s). */
const constant: Rule = (c) => {
  const tensor = tensorAttribute(c.node, 'value');
  if (tensor) return [{ dataType: tensor.dataType, dims: tensor.dims }];
  const scalars: Record<string, number> = {
    value_int: DataType.int64,
    value_float: DataType.float32,
    value_string: DataType.string,
  };
  for (const [name, dataType] of Object.entries(scalars)) {
    if (attribute(c.node, name)) return [{ dataType, dims: [] }];
    const list = attribute(c.node, `${name}s`);
    if (list && Array.isArray(list.value)) return [{ dataType, dims: [list.value.length] }];
  }
  return [undefined];
};

/** The sizes a shape-valued input holds; a known length with unknown sizes when it is not known. */
export function sizesFrom(c: RuleContext, input: number): readonly Dim[] | undefined {
  const known = c.known(input);
  if (known)
    return known.elements.map((e) => (isAtLeastZero(e) || typeof e === 'string' ? e : undefined));
  const rank = c.dims(input)?.[0];
  return typeof rank === 'number' && rank <= 64 ? unknownDims(rank) : undefined;
}

const constantOfShape: Rule = (c) => {
  const value = tensorAttribute(c.node, 'value');
  return [{ dataType: value?.dataType ?? DataType.float32, dims: sizesFrom(c, 0) }];
};

/** Range: max(⌈(limit − start) / delta⌉, 0) numbers. */
const range: Rule = (c) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => c.known(i)?.elements[0]);
  return [{ dataType: c.dataType(0) || c.dataType(1), dims: [rangeLength(start, limit, delta)] }];
};

/** Number of elements of Range(start, limit, delta). */
export function rangeLength(start: Dim, limit: Dim, delta: Dim): Dim {
  if (typeof start === 'number' && typeof limit === 'number' && typeof delta === 'number') {
    return delta === 0 ? undefined : Math.max(Math.ceil((limit - start) / delta), 0);
  }
  if (typeof delta !== 'number' || delta === 0) return undefined;
  // With symbols the length is taken to be positive: exporters count positions so.
  return delta < 0
    ? ceilDivideDims(subtractDims(start, limit), -delta)
    : ceilDivideDims(subtractDims(limit, start), delta);
}

/** Shape, with `start` and `end` since opset 15. */
const shape: Rule = (c) => {
  const rank = c.dims(0)?.length;
  if (rank === undefined) return [{ dataType: DataType.int64, dims: [undefined] }];
  const [start, end] = shapeRange(c, rank);
  return [{ dataType: DataType.int64, dims: [Math.max(end - start, 0)] }];
};

/** The axes [start, end) a Shape node reports, clamped to the rank. */
export function shapeRange(c: RuleContext, rank: number): readonly [number, number] {
  const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + rank : at, 0), rank);
  return [clamp(intAttribute(c.node, 'start', 0)), clamp(intAttribute(c.node, 'end', rank))];
}

const int64Scalar: ValueType = { dataType: DataType.int64, dims: [] };

const size: Rule = () => [int64Scalar];

/** RandomNormal, RandomUniform: the shape is an attribute. */
const random: Rule = (c) => [
  {
    dataType: intAttribute(c.node, 'dtype', DataType.float32),
    dims: intsAttribute(c.node, 'shape'),
  },
];

/** OneHot: indices with `depth` put in at `axis`; the type of the values. */
const oneHot: Rule = (c) => {
  const indices = c.dims(0);
  if (!indices) return [{ dataType: c.dataType(2) }];
  const axis = intAttribute(c.node, 'axis', -1);
  const at = axis < 0 ? axis + indices.length + 1 : axis;
  const depth = c.known(1)?.elements[0];
  const dims = [...indices.slice(0, at), depth, ...indices.slice(at)];
  return [{ dataType: c.dataType(2), dims }];
};

/** NonZero → int64 [rank, count]; the count depends on the data. */
const nonZero: Rule = (c) => [{ dataType: DataType.int64, dims: [c.dims(0)?.length, undefined] }];

/** Hann, Hamming and Blackman windows: `size` numbers. */
const window: Rule = (c) => [
  {
    dataType: intAttribute(c.node, 'output_datatype', DataType.float32),
    dims: [c.known(0)?.elements[0]],
  },
];

/** Resize and Upsample: ⌊size · scale⌋ per axis, or the sizes themselves. */
const resize: Rule = (c) => {
  const dims = c.dims(0);
  const dataType = c.dataType(0);
  if (!dims) return [{ dataType }];
  const scales = c.known(c.opset >= 11 ? 2 : 1);
  const partial = intsAttribute(c.node, 'axes') !== undefined;
  if (!partial && c.has(3)) return [{ dataType, dims: sizesFrom(c, 3) }];
  if (partial || scales?.elements.length !== dims.length) {
    return [{ dataType, dims: unknownDims(dims.length) }];
  }
  return [{ dataType, dims: dims.map((dim, i) => scaled(dim, scales.elements[i])) }];
};

function scaled(dim: Dim, scale: Dim): Dim {
  if (scale === 1) return dim;
  return typeof dim === 'number' && typeof scale === 'number' ? Math.floor(dim * scale) : undefined;
}

export const generateRules = {
  constant,
  constantOfShape,
  range,
  shape,
  size,
  random,
  oneHot,
  nonZero,
  window,
  resize,
} satisfies Record<string, Rule>;
