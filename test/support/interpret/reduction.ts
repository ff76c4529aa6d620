import { DataType } from '../../../src/core/tensor/data-type.ts';
import type { Call, Kernel, Kernels } from './kernel.ts';
import { mapPositions, ravel, wrap } from './positions.ts';
import { generate, type F64Value } from './value.ts';

/** The elements that each place of the reduced shape gathers, in order. */
function groups(x: F64Value, axes: ReadonlySet<number>): { dims: number[]; values: number[][] } {
  const dims = x.dims.map((size, axis) => (axes.has(axis) ? 1 : size));
  const targets = mapPositions(x.dims, (at) =>
    ravel(
      at.map((k, axis) => (axes.has(axis) ? 0 : k)),
      dims,
    ),
  );
  const count = dims.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: count }, (): number[] => []);
  targets.forEach((target, i) => values[target].push(x.data[i]));
  return { dims, values };
}

function axesOf(call: Call, rank: number): ReadonlySet<number> {
  const given = call.list('axes', 1) ?? [];
  if (given.length === 0) {
    const none = call.int('noop_with_empty_axes', 0) === 1;
    return new Set(none ? [] : Array.from({ length: rank }, (_, axis) => axis));
  }
  return new Set(given.map((axis) => wrap(axis, rank)));
}

const reduce =
  (f: (values: readonly number[]) => number): Kernel =>
  (call) => {
    const x = call.input(0);
    const axes = axesOf(call, x.dims.length);
    const { dims, values } = groups(x, axes);
    const kept = call.int('keepdims', 1) === 1 ? dims : dims.filter((_, axis) => !axes.has(axis));
    return generate(x.dataType, kept, (i) => f(values[i]));
  };

const argument =
  (better: (a: number, b: number) => boolean): Kernel =>
  (call) => {
    const x = call.input(0);
    const axis = wrap(call.int('axis', 0), x.dims.length);
    const { dims, values } = groups(x, new Set([axis]));
    const kept = call.int('keepdims', 1) === 1 ? dims : dims.toSpliced(axis, 1);
    const last = call.int('select_last_index', 0) === 1;
    return generate(DataType.int64, kept, (i) =>
      values[i].reduce(
        (best, value, k) =>
          better(value, values[i][best]) || (last && value === values[i][best]) ? k : best,
        0,
      ),
    );
  };

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const sumOf = (values: readonly number[], f: (x: number) => number) =>
  values.reduce((total, x) => total + f(x), 0);
const largest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), -Infinity);

function logSumExp(values: readonly number[]): number {
  const top = largest(values);
  return top + Math.log(sumOf(values, (x) => Math.exp(x - top)));
}

export const reduction: Kernels = {
  ReduceSum: reduce(sum),
  ReduceMean: reduce((values) => sum(values) / values.length),
  ReduceMax: reduce(largest),
  ReduceMin: reduce((values) => values.reduce((a, b) => Math.min(a, b), Infinity)),
  ReduceProd: reduce((values) => values.reduce((a, b) => a * b, 1)),
  ReduceSumSquare: reduce((values) => sumOf(values, (x) => x * x)),
  ReduceL1: reduce((values) => sumOf(values, Math.abs)),
  ReduceL2: reduce((values) => Math.sqrt(sumOf(values, (x) => x * x))),
  ReduceLogSum: reduce((values) => Math.log(sum(values))),
  ReduceLogSumExp: reduce(logSumExp),
  ArgMax: argument((a, b) => a > b),
  ArgMin: argument((a, b) => a < b),
};
