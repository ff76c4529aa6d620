import { elementCount } from '../../../src/core/tensor/data-type.ts';
import type { Call, Kernel, Kernels } from './kernel.ts';
import { ravel, unravel } from './positions.ts';
import type { F64Value } from './value.ts';

interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

function windowOf(call: Call, x: F64Value, kernel: readonly number[]): Window {
  const rank = kernel.length;
  const strides = call.ints('strides') ?? new Array<number>(rank).fill(1);
  const dilations = call.ints('dilations') ?? new Array<number>(rank).fill(1);
  const given = call.ints('pads') ?? new Array<number>(2 * rank).fill(0);
  const mode = call.text('auto_pad', 'NOTSET');
  if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER') {
    return { strides, dilations, begin: given.slice(0, rank), end: given.slice(rank) };
  }
  const total = kernel.map((size, k) => {
    const input = x.dims[k + 2];
    const output = Math.ceil(input / strides[k]);
    return Math.max(0, (output - 1) * strides[k] + (size - 1) * dilations[k] + 1 - input);
  });
  const small = total.map((t) => Math.floor(t / 2));
  const large = total.map((t, k) => t - small[k]);
  return mode === 'SAME_UPPER'
    ? { strides, dilations, begin: small, end: large }
    : { strides, dilations, begin: large, end: small };
}

/**
 * Calls `visit(y, x, w)` with the flat positions of every product y += x·w of a grouped convolution of
 * `big` [N, C, …] by `w` [M, C/group, …] to `small` [N, M, …].
 */
function eachProduct(
  big: readonly number[],
  w: readonly number[],
  small: readonly number[],
  window: Window,
  groups: number,
  visit: (small: number, big: number, w: number) => void,
): void {
  const perGroup = small[1] / groups;
  const kernel = w.slice(2);
  const taps = elementCount(kernel);
  for (let y = 0; y < elementCount(small); y++) {
    const [n, m, ...place] = unravel(y, small);
    const group = Math.floor(m / perGroup);
    for (let tap = 0; tap < taps; tap++) {
      const k = unravel(tap, kernel);
      const at = place.map(
        (p, axis) =>
          p * window.strides[axis] + k[axis] * window.dilations[axis] - window.begin[axis],
      );
      if (at.some((coordinate, axis) => coordinate < 0 || coordinate >= big[axis + 2])) continue;
      for (let c = 0; c < w[1]; c++) {
        visit(y, ravel([n, group * w[1] + c, ...at], big), (m * w[1] + c) * taps + tap);
      }
    }
  }
}

function addBias(data: Float64Array, dims: readonly number[], bias: F64Value | undefined): void {
  if (!bias) return;
  const run = elementCount(dims.slice(2));
  for (let i = 0; i < data.length; i++) data[i] += bias.data[Math.floor(i / run) % dims[1]];
}

const conv: Kernel = (call) => {
  const [x, w] = [call.input(0), call.input(1)];
  const kernel = w.dims.slice(2);
  const window = windowOf(call, x, kernel);
  const spatial = kernel.map((size, k) => {
    const padded = x.dims[k + 2] + window.begin[k] + window.end[k];
    return Math.floor((padded - (size - 1) * window.dilations[k] - 1) / window.strides[k]) + 1;
  });
  const dims = [x.dims[0], w.dims[0], ...spatial];
  const data = new Float64Array(elementCount(dims));
  eachProduct(x.dims, w.dims, dims, window, call.int('group', 1), (y, at, k) => {
    data[y] += x.data[at] * w.data[k];
  });
  addBias(data, dims, call.inputs[2]);
  return { dataType: x.dataType, dims, data };
};

/** The transposed map of Conv: w is [C, M/group, …], x [N, C, …] plays Conv's output. */
const convTranspose: Kernel = (call) => {
  const [x, w] = [call.input(0), call.input(1)];
  const kernel = w.dims.slice(2);
  const window = windowOf(call, x, kernel);
  const extra = call.ints('output_padding') ?? kernel.map(() => 0);
  const groups = call.int('group', 1);
  const spatial = kernel.map((size, k) => {
    const span = (x.dims[k + 2] - 1) * window.strides[k] + (size - 1) * window.dilations[k] + 1;
    return span + extra[k] - window.begin[k] - window.end[k];
  });
  const dims = [x.dims[0], w.dims[1] * groups, ...spatial];
  const data = new Float64Array(elementCount(dims));
  eachProduct(dims, w.dims, x.dims, window, groups, (from, to, k) => {
    data[to] += x.data[from] * w.data[k];
  });
  addBias(data, dims, call.inputs[2]);
  return { dataType: x.dataType, dims, data };
};

export const convolution: Kernels = { Conv: conv, ConvTranspose: convTranspose };
