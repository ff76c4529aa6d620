import { DataType, elementCount } from '../../../src/core/tensor/data-type.ts';
import type { Kernel, Kernels } from './kernel.ts';
import { broadcastDims, broadcastIndex, mapPositions, ravel, strides, wrap } from './positions.ts';
import { generate, longs, type F64Value } from './value.ts';

/** The value under another shape of as many elements. */
const reshaped = (x: F64Value, dims: readonly number[]): F64Value => {
  if (elementCount(dims) !== x.data.length) {
    throw new Error(`[${x.dims.join(', ')}] does not fill [${dims.join(', ')}].`);
  }
  return { ...x, dims: [...dims] };
};

/** Element `i` of the result is element `indices[i]` of `x`. */
export function pick(x: F64Value, dims: readonly number[], indices: Int32Array): F64Value {
  return generate(x.dataType, dims, (i) => x.data[indices[i]]);
}

export function permute(x: F64Value, perm: readonly number[]): F64Value {
  const dims = perm.map((axis) => x.dims[axis]);
  const steps = strides(x.dims);
  const indices = mapPositions(dims, (at) =>
    perm.reduce((flat, axis, k) => flat + at[k] * steps[axis], 0),
  );
  return pick(x, dims, indices);
}

const reshape: Kernel = (call) => {
  const x = call.input(0);
  const keepZero = call.int('allowzero', 0) === 1;
  const wanted = (call.list('shape', 1) ?? []).map((size, axis) =>
    size === 0 && !keepZero ? x.dims[axis] : size,
  );
  const known = elementCount(wanted.filter((size) => size !== -1));
  return reshaped(
    x,
    wanted.map((size) => (size === -1 ? x.data.length / known : size)),
  );
};

const transpose: Kernel = (call) => {
  const x = call.input(0);
  return permute(x, call.ints('perm') ?? x.dims.map((_, axis) => x.dims.length - 1 - axis));
};

const squeeze: Kernel = (call) => {
  const x = call.input(0);
  const axes = call.list('axes', 1)?.map((axis) => wrap(axis, x.dims.length));
  const drop = (size: number, axis: number) => (axes ? axes.includes(axis) : size === 1);
  return reshaped(
    x,
    x.dims.filter((size, axis) => !drop(size, axis)),
  );
};

const unsqueeze: Kernel = (call) => {
  const x = call.input(0);
  const given = call.list('axes', 1) ?? [];
  const rank = x.dims.length + given.length;
  const axes = new Set(given.map((axis) => wrap(axis, rank)));
  let next = 0;
  const dims = Array.from({ length: rank }, (_, k) => (axes.has(k) ? 1 : x.dims[next++]));
  return reshaped(x, dims);
};

const flatten: Kernel = (call) => {
  const x = call.input(0);
  const axis = wrap(call.int('axis', 1), x.dims.length);
  return reshaped(x, [elementCount(x.dims.slice(0, axis)), elementCount(x.dims.slice(axis))]);
};

const expand: Kernel = (call) => {
  const x = call.input(0);
  const dims = broadcastDims(x.dims, [...call.input(1).data]);
  return pick(x, dims, broadcastIndex(x.dims, dims));
};

const tile: Kernel = (call) => {
  const x = call.input(0);
  const dims = x.dims.map((size, axis) => size * call.input(1).data[axis]);
  const indices = mapPositions(dims, (at) =>
    ravel(
      at.map((coordinate, axis) => coordinate % x.dims[axis]),
      x.dims,
    ),
  );
  return pick(x, dims, indices);
};

interface Range {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** ONNX Slice, one axis: bounds wrap once, are clamped, and the step may be negative. */
function sliceRange(size: number, from: number, to: number, step: number): Range {
  const bound = (at: number) => (at < 0 ? at + size : at);
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const start = Math.min(Math.max(bound(from), step > 0 ? 0 : 0), step > 0 ? size : size - 1);
  const end = Math.min(Math.max(bound(to), low), high);
  return { start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
}

const slice: Kernel = (call) => {
  const x = call.input(0);
  const starts = call.list('starts', 1) ?? [];
  const ends = call.list('ends', 2) ?? [];
  const axes = call.list('axes', 3) ?? starts.map((_, axis) => axis);
  const steps = call.list('steps', 4) ?? starts.map(() => 1);
  const ranges = x.dims.map((size): Range => ({ start: 0, step: 1, count: size }));
  axes.forEach((given, k) => {
    const axis = wrap(given, x.dims.length);
    ranges[axis] = sliceRange(x.dims[axis], starts[k], ends[k], steps[k]);
  });
  const dims = ranges.map(({ count }) => count);
  const indices = mapPositions(dims, (at) =>
    ravel(
      ranges.map(({ start, step }, axis) => start + step * at[axis]),
      x.dims,
    ),
  );
  return pick(x, dims, indices);
};

const split: Kernel = (call) => {
  const x = call.input(0);
  const axis = wrap(call.int('axis', 0), x.dims.length);
  const parts = call.node.outputs.length;
  const size = Math.ceil(x.dims[axis] / parts);
  const even = Array.from({ length: parts }, (_, k) => Math.min(size, x.dims[axis] - k * size));
  const sizes = call.list('split', 1) ?? even;
  let offset = 0;
  return sizes.map((count) => {
    const start = offset;
    offset += count;
    const dims = x.dims.with(axis, count);
    const indices = mapPositions(dims, (at) => ravel(at.with(axis, at[axis] + start), x.dims));
    return pick(x, dims, indices);
  });
};

const concat: Kernel = (call) => {
  const parts = call.all();
  const axis = wrap(call.int('axis', 0), parts[0].dims.length);
  const total = parts.reduce((sum, part) => sum + part.dims[axis], 0);
  const before = elementCount(parts[0].dims.slice(0, axis));
  const data = new Float64Array(before * total * elementCount(parts[0].dims.slice(axis + 1)));
  let at = 0;
  for (let row = 0; row < before; row++) {
    for (const part of parts) {
      const run = part.data.length / before;
      data.set(part.data.subarray(row * run, (row + 1) * run), at);
      at += run;
    }
  }
  return { dataType: parts[0].dataType, dims: parts[0].dims.with(axis, total), data };
};

/** Where padding reads from; undefined outside (constant mode). */
function padSource(at: number, size: number, mode: string): number | undefined {
  if (at >= 0 && at < size) return at;
  if (mode === 'edge') return Math.min(Math.max(at, 0), size - 1);
  if (mode === 'wrap') return ((at % size) + size) % size;
  if (mode === 'reflect') {
    const period = 2 * (size - 1);
    const folded = ((at % period) + period) % period;
    return folded < size ? folded : period - folded;
  }
  return undefined;
}

const pad: Kernel = (call) => {
  const x = call.input(0);
  const rank = x.dims.length;
  const given = call.list('pads', 1) ?? [];
  const axes = call.list('', 3)?.map((axis) => wrap(axis, rank)) ?? x.dims.map((_, axis) => axis);
  const before = x.dims.map(() => 0);
  const dims = [...x.dims];
  axes.forEach((axis, k) => {
    before[axis] = given[k];
    dims[axis] += given[k] + given[k + axes.length];
  });
  const mode = call.text('mode', 'constant');
  const fill = call.inputs[2]?.data[0] ?? call.float('value', 0);
  const indices = mapPositions(dims, (at) => {
    const from = at.map((k, axis) => padSource(k - before[axis], x.dims[axis], mode));
    return from.some((k) => k === undefined) ? -1 : ravel(from as number[], x.dims);
  });
  return generate(x.dataType, dims, (i) => (indices[i] < 0 ? fill : x.data[indices[i]]));
};

const shape: Kernel = (call) => {
  const { dims } = call.input(0);
  const rank = dims.length;
  const part = dims.slice(wrap(call.int('start', 0), rank), wrap(call.int('end', rank), rank));
  return longs([part.length], part);
};

const trilu: Kernel = (call) => {
  const x = call.input(0);
  const upper = call.int('upper', 1) === 1;
  const k = call.inputs[1]?.data[0] ?? 0;
  const [rows, columns] = x.dims.slice(-2);
  return generate(x.dataType, x.dims, (i) => {
    const column = i % columns;
    const row = Math.floor(i / columns) % rows;
    return (upper ? column - row >= k : column - row <= k) ? x.data[i] : 0;
  });
};

export const layout: Kernels = {
  Reshape: reshape,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Flatten: flatten,
  Expand: expand,
  Tile: tile,
  Slice: slice,
  Split: split,
  Concat: concat,
  Pad: pad,
  Shape: shape,
  Size: (call) => generate(DataType.int64, [], () => call.input(0).data.length),
  Trilu: trilu,
};
