import { DataType } from '../../../tensor/data-type.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../../graph/attributes.ts';
import {
  addDims,
  ceilDivideDims,
  floorDivideDims,
  multiplyDims,
  subtractDims,
} from '../dimension.ts';
import type { Dim } from '../dimension.ts';
import type { Rule, RuleContext } from '../types.ts';

interface Window {
  readonly kernel: Dim;
  readonly stride: number;
  readonly dilation: number;
  /** Padding in front, and in all. */
  readonly before: number;
  readonly pads: number;
}

/** Attributes of a sliding window on spatial axis `axis` of `rank`. */
function windowAt(c: RuleContext, axis: number, rank: number, kernel: Dim): Window {
  const at = (name: string, index: number, fallback: number): number =>
    intsAttribute(c.node, name)?.[index] ?? fallback;
  return {
    kernel,
    stride: at('strides', axis, 1),
    dilation: at('dilations', axis, 1),
    before: at('pads', axis, 0),
    pads: at('pads', axis, 0) + at('pads', axis + rank, 0),
  };
}

/** ⌊(size + pads − dilation · (kernel − 1) − 1) / stride⌋ + 1, or ⌈size / stride⌉ for SAME pads. */
function slidDim(c: RuleContext, size: Dim, w: Window): Dim {
  const auto = stringAttribute(c.node, 'auto_pad', 'NOTSET');
  if (auto.startsWith('SAME')) return ceilDivideDims(size, w.stride);
  const reach = addDims(multiplyDims(w.dilation, subtractDims(w.kernel, 1)), 1);
  const pads = auto === 'VALID' ? 0 : w.pads;
  const span = subtractDims(addDims(size, pads), reach);
  if (intAttribute(c.node, 'ceil_mode', 0) === 0)
    return addDims(floorDivideDims(span, w.stride), 1);
  return ceilDim(size, w, addDims(ceilDivideDims(span, w.stride), 1));
}

/** With ceil_mode a last window that would start in the padding behind the data is left out. */
function ceilDim(size: Dim, w: Window, count: Dim): Dim {
  if (typeof count !== 'number' || typeof size !== 'number') return count;
  return (count - 1) * w.stride >= size + w.before ? count - 1 : count;
}

function convolved(
  c: RuleContext,
  x: readonly Dim[] | undefined,
  w: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  if (!x || x.length < 2) return undefined;
  const spatial = x.slice(2);
  const kernel = intsAttribute(c.node, 'kernel_shape') ?? w?.slice(2);
  const sizes = spatial.map((size, axis) =>
    slidDim(c, size, windowAt(c, axis, spatial.length, kernel?.[axis])),
  );
  return [x[0], w?.[0], ...sizes];
}

const conv: Rule = (c) => [{ dataType: c.dataType(0), dims: convolved(c, c.dims(0), c.dims(1)) }];

const convInteger: Rule = (c) => [
  { dataType: DataType.int32, dims: convolved(c, c.dims(0), c.dims(1)) },
];

/** (x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point). */
const qLinearConv: Rule = (c) => [
  { dataType: c.dataType(7), dims: convolved(c, c.dims(0), c.dims(3)) },
];

/** stride · (size − 1) + output_padding + dilation · (kernel − 1) + 1 − pads, unless given. */
const convTranspose: Rule = (c) => {
  const x = c.dims(0);
  const w = c.dims(1);
  if (!x || x.length < 2) return [{ dataType: c.dataType(0) }];
  const spatial = x.slice(2);
  const given = intsAttribute(c.node, 'output_shape');
  const kernel = intsAttribute(c.node, 'kernel_shape') ?? w?.slice(2);
  const sizes = spatial.map((size, axis) => {
    if (given) return given[given.length - spatial.length + axis];
    return transposedDim(c, size, axis, windowAt(c, axis, spatial.length, kernel?.[axis]));
  });
  const channels = multiplyDims(w?.[1], intAttribute(c.node, 'group', 1));
  return [{ dataType: c.dataType(0), dims: [x[0], channels, ...sizes] }];
};

function transposedDim(c: RuleContext, size: Dim, axis: number, w: Window): Dim {
  const auto = stringAttribute(c.node, 'auto_pad', 'NOTSET');
  if (auto.startsWith('SAME')) return multiplyDims(size, w.stride);
  const extra = intsAttribute(c.node, 'output_padding')?.[axis] ?? 0;
  const reach = addDims(multiplyDims(w.dilation, subtractDims(w.kernel, 1)), 1 + extra);
  const span = addDims(multiplyDims(w.stride, subtractDims(size, 1)), reach);
  return subtractDims(span, auto === 'VALID' ? 0 : w.pads);
}

/** AveragePool, MaxPool (with int64 positions), LpPool. */
const pool: Rule = (c) => {
  const x = c.dims(0);
  if (!x || x.length < 2) return [{ dataType: c.dataType(0) }, { dataType: DataType.int64 }];
  const spatial = x.slice(2);
  const kernel = intsAttribute(c.node, 'kernel_shape');
  const sizes = spatial.map((size, axis) =>
    slidDim(c, size, windowAt(c, axis, spatial.length, kernel?.[axis])),
  );
  const dims = [x[0], x[1], ...sizes];
  return [
    { dataType: c.dataType(0), dims },
    { dataType: DataType.int64, dims },
  ];
};

const globalPool: Rule = (c) => [
  { dataType: c.dataType(0), dims: c.dims(0)?.map((dim, axis) => (axis < 2 ? dim : 1)) },
];

export const convolutionRules = {
  conv,
  convInteger,
  qLinearConv,
  convTranspose,
  pool,
  globalPool,
} satisfies Record<string, Rule>;
