import { elementCount } from '../../../tensor/data-type.ts';
import { intAttribute, intsAttribute } from '../../graph/attributes.ts';
import { axisAt, integersOf } from '../axes.ts';
import type { Dim } from '../dimension.ts';
import { isCarried } from '../known.ts';
import { sliceAxes, splitSizes } from '../rules/layout.ts';
import { sliceBounds } from '../slice.ts';
import type { Evaluator, Known, RuleContext } from '../types.ts';
import { broadcastOffset, mapPositions, offsetOf, stridesOf } from './positions.ts';

/** A tensor of `dims` whose element at each position is taken from input 0. */
function picked(
  c: RuleContext,
  dims: readonly Dim[] | undefined,
  pick: (position: readonly number[], source: Known) => Dim,
): Known | undefined {
  const source = c.known(0);
  if (!source || !isCarried(source.dataType, dims)) return undefined;
  return { ...source, dims, elements: mapPositions(dims, (position) => pick(position, source)) };
}

/** Same elements in the same order under the shape the rule inferred. */
const relabel: Evaluator = (c, output) => {
  const source = c.known(0);
  const dims = output.dims;
  if (!source || !isCarried(source.dataType, dims)) return undefined;
  return elementCount(dims) === source.elements.length ? { ...source, dims } : undefined;
};

const transpose: Evaluator = (c, output) => {
  const strides = stridesOf(c.known(0)?.dims ?? []);
  const order = intsAttribute(c.node, 'perm') ?? [...strides.keys()].reverse();
  return picked(c, output.dims, (position, source) => {
    const at = order.reduce((offset, axis, to) => offset + position[to] * strides[axis], 0);
    return source.elements[at];
  });
};

const expand: Evaluator = (c, output) =>
  picked(
    c,
    output.dims,
    (position, source) => source.elements[broadcastOffset(position, source.dims)],
  );

const tile: Evaluator = (c, output) => {
  const strides = stridesOf(c.known(0)?.dims ?? []);
  return picked(c, output.dims, (position, source) => {
    const wrapped = position.map((at, axis) => at % source.dims[axis]);
    return source.elements[offsetOf(wrapped, strides)];
  });
};

const concat: Evaluator = (c, output) => {
  const parts: Known[] = [];
  for (const index of c.node.inputs.keys()) {
    const part = c.known(index);
    if (!part) return undefined;
    parts.push(part);
  }
  const { dims } = output;
  const axis = axisAt(intAttribute(c.node, 'axis', 1), parts[0]?.dims.length ?? 0);
  if (axis === undefined || !isCarried(parts[0].dataType, dims)) return undefined;
  const outer = elementCount(dims.slice(0, axis));
  const elements: Dim[] = [];
  for (let block = 0; block < outer; block++) {
    for (const part of parts) {
      const length = part.elements.length / outer;
      elements.push(...part.elements.slice(block * length, (block + 1) * length));
    }
  }
  return { dataType: parts[0].dataType, dims, elements };
};

/** The start of each axis' slice and its step; undefined when some bound is not a known number. */
function sliceOrigin(
  c: RuleContext,
  dims: readonly number[],
): readonly [number, number][] | undefined {
  const starts = intsAttribute(c.node, 'starts') ?? integersOf(c.known(1));
  const ends = intsAttribute(c.node, 'ends') ?? integersOf(c.known(2));
  const axes = sliceAxes(c, dims.length, starts?.length);
  const steps = c.has(4) ? integersOf(c.known(4)) : axes?.map(() => 1);
  if (!starts || !ends || !axes || !steps) return undefined;
  return dims.map((size, axis) => {
    const at = axes.indexOf(axis);
    if (at < 0) return [0, 1];
    return [sliceBounds(size, starts[at], ends[at], steps[at])[0], steps[at]];
  });
}

const slice: Evaluator = (c, output) => {
  const source = c.known(0);
  const origin = source && sliceOrigin(c, source.dims);
  if (!origin) return undefined;
  const strides = stridesOf(source.dims);
  return picked(c, output.dims, (position) => {
    const at = position.map((to, axis) => origin[axis][0] + to * origin[axis][1]);
    return source.elements[offsetOf(at, strides)];
  });
};

/** Split's pieces: each a slice behind the ones before it. */
const split: Evaluator = (c, output, which) => {
  const source = c.known(0);
  const axis = source && axisAt(intAttribute(c.node, 'axis', 0), source.dims.length);
  if (axis === undefined) return undefined;
  const sizes = splitSizes(c, source?.dims[axis], c.node.outputs.length);
  let start = 0;
  for (const size of sizes.slice(0, which)) {
    if (typeof size !== 'number') return undefined;
    start += size;
  }
  const strides = stridesOf(source?.dims ?? []);
  return picked(
    c,
    output.dims,
    (position, from) => from.elements[offsetOf(position, strides) + start * strides[axis]],
  );
};

const gather: Evaluator = (c, output) => {
  const source = c.known(0);
  const indices = c.known(1);
  const places = integersOf(indices);
  const axis = source && axisAt(intAttribute(c.node, 'axis', 0), source.dims.length);
  if (!places || !indices || axis === undefined || !source) return undefined;
  const rank = indices.dims.length;
  const strides = stridesOf(source.dims);
  const inner = stridesOf(indices.dims);
  return picked(c, output.dims, (position) => {
    const place = places[offsetOf(position.slice(axis, axis + rank), inner)];
    const at = place < 0 ? place + source.dims[axis] : place;
    const from = [...position.slice(0, axis), at, ...position.slice(axis + rank)];
    return at < source.dims[axis] ? source.elements[offsetOf(from, strides)] : undefined;
  });
};

/** Trilu: keeps the triangle on one side of diagonal k, 0 elsewhere. */
const trilu: Evaluator = (c, output) => {
  const k = c.has(1) ? c.known(1)?.elements[0] : 0;
  if (typeof k !== 'number') return undefined;
  const upper = intAttribute(c.node, 'upper', 1) !== 0;
  const strides = stridesOf(c.known(0)?.dims ?? []);
  return picked(c, output.dims, (position, source) => {
    const offset = position[position.length - 1] - position[position.length - 2] - k;
    return (upper ? offset >= 0 : offset <= 0) ? source.elements[offsetOf(position, strides)] : 0;
  });
};

export const movementEvaluators: Readonly<Record<string, Evaluator>> = {
  Identity: relabel,
  Reshape: relabel,
  Squeeze: relabel,
  Unsqueeze: relabel,
  Flatten: relabel,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Concat: concat,
  Slice: slice,
  Split: split,
  Gather: gather,
  Trilu: trilu,
};
