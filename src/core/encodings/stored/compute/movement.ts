import {
  intAttribute,
  intsAttribute,
  stringAttribute,
  tensorAttribute,
} from '../../../onnx/graph/attributes.ts';
import { DataType, elementCount } from '../../../tensor/data-type.ts';
import type { Compute } from './arithmetic.ts';
import { arrayFor, broadcastStrides, dense, walkPositions, type Dense } from './dense.ts';

const numbers = (tensor: Dense | undefined): readonly number[] | undefined =>
  tensor && [...tensor.data];

/** A tensor of `dims`, each element taken from the source by these strides and start. */
function strided(
  source: Dense,
  dims: readonly number[],
  strides: readonly number[],
  start = 0,
): Dense {
  const out = arrayFor(source.dataType, elementCount(dims));
  walkPositions(dims, [strides], (at, [offset]) => {
    out[at] = source.data[start + offset];
  });
  return { ...source, dims, data: out };
}

const reshape: Compute = (node, [a, shape]) => {
  const wanted = numbers(shape);
  if (!a || !wanted) return undefined;
  const keeps = intAttribute(node, 'allowzero', 0) === 0;
  const dims = wanted.map((size, axis) => (size === 0 && keeps ? a.dims[axis] : size));
  const rest = dims.filter((size) => size !== -1).reduce((product, size) => product * size, 1);
  return { ...a, dims: dims.map((size) => (size === -1 ? a.data.length / rest : size)) };
};

const unsqueeze: Compute = (node, [a, given]) => {
  const axes = numbers(given) ?? intsAttribute(node, 'axes');
  if (!a || !axes) return undefined;
  const rank = a.dims.length + axes.length;
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  const rest = [...a.dims];
  const dims = Array.from({ length: rank }, (_, at) => (added.has(at) ? 1 : (rest.shift() ?? 1)));
  return { ...a, dims };
};

const squeeze: Compute = (node, [a, given]) => {
  if (!a) return undefined;
  const axes = (numbers(given) ?? intsAttribute(node, 'axes'))?.map((axis) =>
    axis < 0 ? axis + a.dims.length : axis,
  );
  const gone = (size: number, at: number): boolean => (axes ? axes.includes(at) : size === 1);
  return { ...a, dims: a.dims.filter((size, at) => !gone(size, at)) };
};

const transpose: Compute = (node, [a]) => {
  if (!a) return undefined;
  const order = intsAttribute(node, 'perm') ?? [...a.dims.keys()].reverse();
  const own = strideOf(a.dims);
  return strided(
    a,
    order.map((axis) => a.dims[axis]),
    order.map((axis) => own[axis]),
  );
};

function strideOf(dims: readonly number[]): number[] {
  return dims.map((_, axis) => dims.slice(axis + 1).reduce((product, size) => product * size, 1));
}

const expand: Compute = (_node, [a, shape]) => {
  const wanted = numbers(shape);
  if (!a || !wanted) return undefined;
  const rank = Math.max(a.dims.length, wanted.length);
  const size = (dims: readonly number[], axis: number) => dims[axis + dims.length - rank] ?? 1;
  const dims = Array.from({ length: rank }, (_, axis) =>
    Math.max(size(a.dims, axis), size(wanted, axis)),
  );
  return strided(a, dims, broadcastStrides(a.dims, dims));
};

const slice: Compute = (node, [a, startsIn, endsIn, axesIn, stepsIn]) => {
  const starts = numbers(startsIn) ?? intsAttribute(node, 'starts');
  const ends = numbers(endsIn) ?? intsAttribute(node, 'ends');
  if (!a || !starts || !ends) return undefined;
  const axes = numbers(axesIn) ?? intsAttribute(node, 'axes') ?? [...starts.keys()];
  const steps = numbers(stepsIn) ?? starts.map(() => 1);
  if (steps.some((step) => step < 1)) return undefined;
  const [dims, strides] = [[...a.dims], strideOf(a.dims)];
  let start = 0;
  axes.forEach((given, i) => {
    const axis = given < 0 ? given + a.dims.length : given;
    const bound = (at: number): number =>
      Math.min(a.dims[axis], Math.max(0, at < 0 ? at + a.dims[axis] : at));
    const [from, to] = [bound(starts[i]), bound(ends[i])];
    start += from * strides[axis];
    dims[axis] = Math.max(0, Math.ceil((to - from) / steps[i]));
    strides[axis] *= steps[i];
  });
  return strided(a, dims, strides, start);
};

const gather: Compute = (node, [a, indices]) => {
  const given = intAttribute(node, 'axis', 0);
  if (!a || !indices) return undefined;
  const axis = given < 0 ? given + a.dims.length : given;
  const size = a.dims[axis];
  const inner = elementCount(a.dims.slice(axis + 1));
  const outer = elementCount(a.dims.slice(0, axis));
  const count = indices.data.length;
  const out = arrayFor(a.dataType, outer * count * inner);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < count; i++) {
      const index = indices.data[i];
      const from = (o * size + (index < 0 ? index + size : index)) * inner;
      out.set(a.data.subarray(from, from + inner), (o * count + i) * inner);
    }
  const dims = [...a.dims.slice(0, axis), ...indices.dims, ...a.dims.slice(axis + 1)];
  return { ...a, dims, data: out };
};

/** Along the last axis of matrices: out[r,c] = a[r, indices[r,c]]. */
const gatherElements: Compute = (node, [a, indices]) => {
  const axis = intAttribute(node, 'axis', 0);
  if (a?.dims.length !== 2 || indices?.dims.length !== 2 || (axis !== 1 && axis !== -1)) {
    return undefined;
  }
  const [, width] = a.dims;
  const [, columns] = indices.dims;
  const out = arrayFor(a.dataType, indices.data.length);
  for (let i = 0; i < out.length; i++) {
    const index = indices.data[i];
    const at = Math.floor(i / columns) * width;
    out[i] = a.data[at + (index < 0 ? index + width : index)];
  }
  return { ...a, dims: indices.dims, data: out };
};

/** Along the one row of a matrix: out = a, but for out[indices[i]] = updates[i]. */
const scatterElements: Compute = (node, [a, indices, updates]) => {
  if (a?.dims.length !== 2 || a.dims[0] !== 1 || !indices || !updates) return undefined;
  if (intAttribute(node, 'axis', 0) !== 1) return undefined;
  if (stringAttribute(node, 'reduction', 'none') !== 'none') return undefined;
  const out = a.data.slice();
  indices.data.forEach((index, i) => {
    out[index < 0 ? index + out.length : index] = updates.data[i];
  });
  return { ...a, data: out };
};

const concat: Compute = (node, inputs) => {
  const parts = inputs.filter((part) => part !== undefined);
  if (parts.length === 0 || parts.length < inputs.length) return undefined;
  const [{ dataType, dims: first }] = parts;
  const given = intAttribute(node, 'axis', 0);
  const axis = given < 0 ? given + first.length : given;
  const outer = elementCount(first.slice(0, axis));
  const total = parts.reduce((sum, { data }) => sum + data.length, 0);
  const out = arrayFor(dataType, total);
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (const { data } of parts) {
      const width = data.length / outer;
      out.set(data.subarray(o * width, (o + 1) * width), at);
      at += width;
    }
  const along = parts.reduce((sum, { dims }) => sum + dims[axis], 0);
  return { dataType, dims: first.with(axis, along), data: out };
};

const shape: Compute = (_node, [a]) =>
  a && dense(DataType.int64, [a.dims.length], Int32Array.from(a.dims));

const constantOfShape: Compute = (node, [size]) => {
  const value = tensorAttribute(node, 'value');
  const dims = numbers(size);
  if (!dims || value) return undefined;
  return dense(DataType.float32, dims, new Float32Array(elementCount(dims)));
};

export const movement: Readonly<Record<string, Compute>> = {
  Identity: (_node, [a]) => a,
  Reshape: reshape,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Transpose: transpose,
  Expand: expand,
  Slice: slice,
  Gather: gather,
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
  Concat: concat,
  Shape: shape,
  ConstantOfShape: constantOfShape,
};
