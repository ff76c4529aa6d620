import type { Value, ValueData } from '../core/tensor/values.ts';

type Make = new (length: number) => ValueData;

/** Elements `from` to `to` of one axis. */
export function partOf(value: Value, axis: number, from: number, to: number): Value {
  const { dims, data } = value;
  const inner = dims.slice(axis + 1).reduce((product, d) => product * d, 1);
  const outer = dims.slice(0, axis).reduce((product, d) => product * d, 1);
  const [before, after] = [dims[axis] * inner, (to - from) * inner];
  const cut = new (data.constructor as Make)(outer * after);
  for (let row = 0; row < outer; row++) {
    const piece = data.subarray(row * before + from * inner, row * before + to * inner);
    cut.set(piece as never, row * after);
  }
  return { ...value, dims: dims.map((d, at) => (at === axis ? to - from : d)), data: cut };
}

/** Values of equal size but for one axis, one behind the other. */
export function concatenated(values: readonly Value[], axis: number): Value {
  const [first] = values;
  const inner = first.dims.slice(axis + 1).reduce((product, d) => product * d, 1);
  const outer = first.dims.slice(0, axis).reduce((product, d) => product * d, 1);
  const total = values.reduce((sum, { dims }) => sum + dims[axis], 0);
  const data = new (first.data.constructor as Make)(outer * total * inner);
  let at = 0;
  for (let row = 0; row < outer; row++) {
    for (const value of values) {
      const size = value.dims[axis] * inner;
      data.set(value.data.subarray(row * size, (row + 1) * size) as never, at);
      at += size;
    }
  }
  return { ...first, dims: first.dims.map((d, i) => (i === axis ? total : d)), data };
}
