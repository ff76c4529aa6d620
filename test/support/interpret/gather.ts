import { DataType, elementCount } from '../../../src/core/tensor/data-type.ts';
import type { Call, Kernel, Kernels } from './kernel.ts';
import { pick } from './layout.ts';
import { mapPositions, ravel, strides, unravel, wrap } from './positions.ts';
import { generate } from './value.ts';

const gather: Kernel = (call) => {
  const [x, indices] = [call.input(0), call.input(1)];
  const axis = wrap(call.int('axis', 0), x.dims.length);
  const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)];
  const middle = indices.dims.length;
  const positions = mapPositions(dims, (at) => {
    const index = indices.data[ravel(at.slice(axis, axis + middle), indices.dims)];
    const from = [...at.slice(0, axis), wrap(index, x.dims[axis]), ...at.slice(axis + middle)];
    return ravel(from, x.dims);
  });
  return pick(x, dims, positions);
};

const gatherElements: Kernel = (call) => {
  const [x, indices] = [call.input(0), call.input(1)];
  const axis = wrap(call.int('axis', 0), x.dims.length);
  const positions = mapPositions(indices.dims, (at) => {
    const index = indices.data[ravel(at, indices.dims)];
    return ravel(at.with(axis, wrap(index, x.dims[axis])), x.dims);
  });
  return pick(x, indices.dims, positions);
};

const gatherND: Kernel = (call) => {
  const [x, indices] = [call.input(0), call.input(1)];
  const batch = call.int('batch_dims', 0);
  const depth = indices.dims[indices.dims.length - 1];
  const outer = indices.dims.slice(0, -1);
  const dims = [...outer, ...x.dims.slice(batch + depth)];
  const positions = mapPositions(dims, (at) => {
    const row = ravel(at.slice(0, outer.length), outer);
    const index = Array.from({ length: depth }, (_, k) =>
      wrap(indices.data[row * depth + k], x.dims[batch + k]),
    );
    return ravel([...at.slice(0, batch), ...index, ...at.slice(outer.length)], x.dims);
  });
  return pick(x, dims, positions);
};

function combine(call: Call, old: number, update: number): number {
  switch (call.text('reduction', 'none')) {
    case 'add':
      return old + update;
    case 'mul':
      return old * update;
    case 'max':
      return Math.max(old, update);
    case 'min':
      return Math.min(old, update);
    default:
      return update;
  }
}

const scatterND: Kernel = (call) => {
  const [x, indices, updates] = [call.input(0), call.input(1), call.input(2)];
  const depth = indices.dims[indices.dims.length - 1];
  const run = elementCount(x.dims.slice(depth));
  const steps = strides(x.dims);
  const data = x.data.slice();
  for (let row = 0; row < indices.data.length / depth; row++) {
    let start = 0;
    for (let k = 0; k < depth; k++) {
      start += wrap(indices.data[row * depth + k], x.dims[k]) * steps[k];
    }
    for (let k = 0; k < run; k++) {
      data[start + k] = combine(call, data[start + k], updates.data[row * run + k]);
    }
  }
  return { ...x, data };
};

const scatterElements: Kernel = (call) => {
  const [x, indices, updates] = [call.input(0), call.input(1), call.input(2)];
  const axis = wrap(call.int('axis', 0), x.dims.length);
  const data = x.data.slice();
  indices.data.forEach((index, i) => {
    const at = unravel(i, indices.dims).with(axis, wrap(index, x.dims[axis]));
    const to = ravel(at, x.dims);
    data[to] = combine(call, data[to], updates.data[i]);
  });
  return { ...x, data };
};

const oneHot: Kernel = (call) => {
  const [indices, depth, [off, on]] = [call.input(0), call.input(1).data[0], call.input(2).data];
  const axis = wrap(call.int('axis', -1), indices.dims.length + 1);
  const dims = indices.dims.toSpliced(axis, 0, depth);
  return generate(call.input(2).dataType, dims, (i) => {
    const at = unravel(i, dims);
    const index = wrap(indices.data[ravel(at.toSpliced(axis, 1), indices.dims)], depth);
    return index === at[axis] ? on : off;
  });
};

const range: Kernel = (call) => {
  const [start, limit, delta] = [0, 1, 2].map((k) => call.input(k).data[0]);
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  return generate(call.input(0).dataType, [count], (i) => start + i * delta);
};

const cumSum: Kernel = (call) => {
  const x = call.input(0);
  const axis = wrap(call.input(1).data[0], x.dims.length);
  const exclusive = call.int('exclusive', 0) === 1;
  const reverse = call.int('reverse', 0) === 1;
  return generate(x.dataType, x.dims, (i) => {
    const at = unravel(i, x.dims);
    const here = at[axis];
    let sum = 0;
    for (let k = 0; k < x.dims[axis]; k++) {
      const included = k === here ? !exclusive : reverse ? k > here : k < here;
      if (included) sum += x.data[ravel(at.with(axis, k), x.dims)];
    }
    return sum;
  });
};

const nonZero: Kernel = (call) => {
  const x = call.input(0);
  const found = [...x.data.keys()].filter((i) => x.data[i] !== 0).map((i) => unravel(i, x.dims));
  const dims = [x.dims.length, found.length];
  return generate(
    DataType.int64,
    dims,
    (i) => found[i % found.length][Math.floor(i / found.length)],
  );
};

export const gathering: Kernels = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterND: scatterND,
  ScatterElements: scatterElements,
  OneHot: oneHot,
  Range: range,
  CumSum: cumSum,
  NonZero: nonZero,
};
