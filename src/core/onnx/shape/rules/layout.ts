import { intAttribute, intsAttribute } from '../../graph/attributes.ts';
import { axesAt, axisAt, integersFrom, integersOf, unknownDims, withDim } from '../axes.ts';
import { broadcastDims } from '../broadcast.ts';
import { addDims, divideExactly, multiplyDims, productOf, sameDim } from '../dimension.ts';
import type { Dim } from '../dimension.ts';
import { sizesFrom } from './generate.ts';
import { slicedDim } from '../slice.ts';
import type { Rule, RuleContext, ValueType } from '../types.ts';

/** An output of input 0's element type. */
function ofFirst(c: RuleContext, dims: readonly Dim[] | undefined): readonly [ValueType] {
  return [{ dataType: c.dataType(0), dims }];
}

const reshape: Rule = (c) => {
  const target = intsAttribute(c.node, 'shape') ?? c.known(1)?.elements;
  if (!target) return ofFirst(c, sizesFrom(c, 1));
  const zeroCopies = intAttribute(c.node, 'allowzero', 0) === 0;
  return ofFirst(c, reshapedDims(c.dims(0), target, zeroCopies));
};

/** The shape Reshape makes: 0 copies an axis, −1 (or one unknown size) takes what is left. */
export function reshapedDims(
  dims: readonly Dim[] | undefined,
  target: readonly Dim[],
  zeroCopies = true,
): readonly Dim[] {
  const sizes = target.map((size, at) => (size === 0 && zeroCopies ? dims?.[at] : size));
  const open = [...sizes.keys()].filter((at) => sizes[at] === -1 || sizes[at] === undefined);
  const cleared = sizes.map((size) => (size === -1 ? undefined : size));
  if (open.length !== 1 || !dims) return cleared;
  const others = cleared.filter((_, at) => at !== open[0]);
  return withDim(cleared, open[0], remaining(dims, others));
}

/** ∏ dims / ∏ others, equal sizes cancelled first so that unknown and symbolic ones may drop out. */
function remaining(dims: readonly Dim[], others: readonly Dim[]): Dim {
  const left = [...dims];
  const divisors: Dim[] = [];
  for (const size of others) {
    const at = left.findIndex((dim) => sameDim(dim, size) === true);
    if (at >= 0) left.splice(at, 1);
    else divisors.push(size);
  }
  const divisor = productOf(divisors);
  return divisor === 1 ? productOf(left) : divideExactly(productOf(left), divisor);
}

const transpose: Rule = (c) => {
  const dims = c.dims(0);
  const order = intsAttribute(c.node, 'perm');
  if (!dims) return ofFirst(c, order && unknownDims(order.length));
  return ofFirst(c, order ? order.map((axis) => dims[axis]) : [...dims].reverse());
};

const flatten: Rule = (c) => {
  const dims = c.dims(0);
  if (!dims) return ofFirst(c, unknownDims(2));
  const axis = intAttribute(c.node, 'axis', 1);
  const at = axis < 0 ? axis + dims.length : axis;
  return ofFirst(c, [productOf(dims.slice(0, at)), productOf(dims.slice(at))]);
};

const squeeze: Rule = (c) => {
  const dims = c.dims(0);
  const axes = integersFrom(c, 'axes', 1);
  if (!dims || axes === undefined) return ofFirst(c, undefined);
  if (axes === 'absent') {
    const settled = dims.every((dim) => typeof dim === 'number');
    return ofFirst(c, settled ? dims.filter((dim) => dim !== 1) : undefined);
  }
  const at = axesAt(axes, dims.length);
  return ofFirst(c, at && dims.filter((_, axis) => !at.includes(axis)));
};

const unsqueeze: Rule = (c) => {
  const dims = c.dims(0);
  const axes = integersFrom(c, 'axes', 1);
  if (!dims || !Array.isArray(axes)) return ofFirst(c, undefined);
  const rank = dims.length + axes.length;
  const at = rank <= 64 ? axesAt(axes, rank) : undefined;
  if (!at) return ofFirst(c, undefined);
  const rest = [...dims];
  return ofFirst(
    c,
    Array.from({ length: rank }, (_, axis) => (at.includes(axis) ? 1 : rest.shift())),
  );
};

const concat: Rule = (c) => {
  const shapes = c.node.inputs.map((_, index) => c.dims(index));
  const first = shapes.find((dims) => dims !== undefined);
  const axis = first && axisAt(intAttribute(c.node, 'axis', 1), first.length);
  if (!first || axis === undefined) return ofFirst(c, undefined);
  const dims = first.map((_, at): Dim => {
    const sizes = shapes.map((shape) => shape?.[at]);
    return at === axis ? sizes.reduce(addDims, 0) : agreed(sizes);
  });
  return ofFirst(c, dims);
};

/** The size axes that must be equal have: a number where one is known, else the first symbol. */
function agreed(sizes: readonly Dim[]): Dim {
  return sizes.find((size) => typeof size === 'number') ?? sizes.find((size) => size !== undefined);
}

const split: Rule = (c) => {
  const count = c.node.outputs.length;
  const dims = c.dims(0);
  const axis = dims && axisAt(intAttribute(c.node, 'axis', 0), dims.length);
  if (!dims || axis === undefined) return c.node.outputs.map(() => ({ dataType: c.dataType(0) }));
  const sizes = splitSizes(c, dims[axis], count);
  return sizes.map((size) => ({ dataType: c.dataType(0), dims: withDim(dims, axis, size) }));
};

/** Given sizes, or equal parts; since opset 18 the last of `num_outputs` parts may be smaller. */
export function splitSizes(c: RuleContext, size: Dim, count: number): readonly Dim[] {
  const given = intsAttribute(c.node, 'split') ?? c.known(1)?.elements;
  if (given) return given;
  if (c.has(1)) return unknownDims(count);
  const parts = intAttribute(c.node, 'num_outputs', count);
  if (typeof size === 'number') {
    const part = Math.ceil(size / parts);
    return Array.from({ length: count }, (_, i) => Math.max(Math.min(part, size - i * part), 0));
  }
  return Array.from({ length: count }, () => divideExactly(size, parts));
}

const expand: Rule = (c) => ofFirst(c, broadcastDims(c.dims(0), sizesFrom(c, 1)));

const tile: Rule = (c) => {
  const dims = c.dims(0);
  const repeats = c.known(1)?.elements;
  return ofFirst(
    c,
    dims?.map((dim, axis) => multiplyDims(dim, repeats?.[axis])),
  );
};

/** Pads before and after each axis; the `axes` input (opset 18) names those the pads are for. */
const pad: Rule = (c) => {
  const dims = c.dims(0);
  if (!dims) return ofFirst(c, undefined);
  const pads = intsAttribute(c.node, 'pads') ?? c.known(1)?.elements;
  const chosen = c.has(3) ? integersOf(c.known(3)) : [...dims.keys()];
  const axes = chosen && axesAt(chosen, dims.length);
  if (!pads || !axes || pads.length !== 2 * axes.length)
    return ofFirst(c, unknownDims(dims.length));
  return ofFirst(
    c,
    dims.map((dim, axis) => {
      const at = axes.indexOf(axis);
      return at < 0 ? dim : addDims(dim, addDims(pads[at], pads[at + axes.length]));
    }),
  );
};

const slice: Rule = (c) => {
  const dims = c.dims(0);
  if (!dims) return ofFirst(c, undefined);
  const starts = intsAttribute(c.node, 'starts') ?? c.known(1)?.elements;
  const ends = intsAttribute(c.node, 'ends') ?? c.known(2)?.elements;
  const axes = sliceAxes(c, dims.length, starts?.length ?? ends?.length);
  if (!axes) return ofFirst(c, unknownDims(dims.length));
  const steps = c.has(4) ? c.known(4)?.elements : axes.map(() => 1);
  return ofFirst(
    c,
    dims.map((dim, axis) => {
      const at = axes.indexOf(axis);
      return at < 0 ? dim : slicedDim(dim, starts?.[at], ends?.[at], steps?.[at]);
    }),
  );
};

/** The axes a Slice cuts: given, or the first `count` ones. */
export function sliceAxes(
  c: RuleContext,
  rank: number,
  count: number | undefined,
): readonly number[] | undefined {
  const axes = integersFrom(c, 'axes', 3);
  if (Array.isArray(axes)) return axesAt(axes, rank);
  if (axes === undefined || count === undefined || count > rank) return undefined;
  return Array.from({ length: count }, (_, axis) => axis);
}

const depthToSpace: Rule = (c) => {
  const dims = c.dims(0);
  const block = intAttribute(c.node, 'blocksize', 1);
  if (dims?.length !== 4) return ofFirst(c, undefined);
  const [n, channels, height, width] = dims;
  const depth = divideExactly(channels, block * block);
  return ofFirst(c, [n, depth, multiplyDims(height, block), multiplyDims(width, block)]);
};

const spaceToDepth: Rule = (c) => {
  const dims = c.dims(0);
  const block = intAttribute(c.node, 'blocksize', 1);
  if (dims?.length !== 4) return ofFirst(c, undefined);
  const [n, channels, height, width] = dims;
  const depth = multiplyDims(channels, block * block);
  return ofFirst(c, [n, depth, divideExactly(height, block), divideExactly(width, block)]);
};

/** Compress: without an axis a flat list; its length depends on the data. */
const compress: Rule = (c) => {
  const dims = c.dims(0);
  const axis = intAttribute(c.node, 'axis');
  if (axis === undefined) return ofFirst(c, [undefined]);
  const at = dims && axisAt(axis, dims.length);
  return ofFirst(c, dims && at !== undefined ? withDim(dims, at, undefined) : undefined);
};

export const layoutRules = {
  reshape,
  transpose,
  flatten,
  squeeze,
  unsqueeze,
  concat,
  split,
  expand,
  tile,
  pad,
  slice,
  depthToSpace,
  spaceToDepth,
  compress,
} satisfies Record<string, Rule>;
