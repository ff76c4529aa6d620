import { intAttribute, stringAttribute } from '../../../onnx/graph/attributes.ts';
import type { Node } from '../../../onnx/types.ts';
import { roundToEven } from '../../../tensor/mini-float.ts';
import { arrayFor, broadcastStrides, dense, isFloat, walkPositions, type Dense } from './dense.ts';

/** One operator on tensors that are all known; undefined for a form that weights are not unpacked by. */
export type Compute = (node: Node, inputs: readonly (Dense | undefined)[]) => Dense | undefined;

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [x, y] = [a[axis + a.length - rank] ?? 1, b[axis + b.length - rank] ?? 1];
    return x === 1 ? y : x;
  });
}

/** Two numbers in, one out, with broadcasting. */
function binary(combine: (a: number, b: number, node: Node, whole: boolean) => number): Compute {
  return (node, [a, b]) => {
    if (!a || !b) return undefined;
    const dims = broadcast(a.dims, b.dims);
    const whole = !isFloat(a.dataType);
    const out = arrayFor(
      a.dataType,
      dims.reduce((product, size) => product * size, 1),
    );
    const strides = [broadcastStrides(a.dims, dims), broadcastStrides(b.dims, dims)];
    walkPositions(dims, strides, (at, [i, j]) => {
      out[at] = combine(a.data[i], b.data[j], node, whole);
    });
    return dense(a.dataType, dims, out);
  };
}

function unary(change: (a: number) => number): Compute {
  return (_node, [a]) => a && dense(a.dataType, a.dims, a.data.map(change));
}

const cast: Compute = (node, [a]) => {
  if (!a) return undefined;
  const to = intAttribute(node, 'to', 0);
  const cut = isFloat(a.dataType) && !isFloat(to);
  return dense(to, a.dims, cut ? a.data.map(Math.trunc) : a.data);
};

/** y = x·w of matrices; sums in double precision, rounded once. */
const matMul: Compute = (_node, [a, b]) => {
  if (a?.dims.length !== 2 || b?.dims.length !== 2) return undefined;
  const [rows, inner] = a.dims;
  const [, columns] = b.dims;
  const out = new Float32Array(rows * columns);
  const sums = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    sums.fill(0);
    for (let k = 0; k < inner; k++) {
      const factor = a.data[r * inner + k];
      for (let c = 0; c < columns; c++) sums[c] += factor * b.data[k * columns + c];
    }
    out.set(sums, r * columns);
  }
  return dense(a.dataType, [rows, columns], out);
};

const cumSum: Compute = (_node, [a, axisValue]) => {
  const rank = a?.dims.length ?? 0;
  const given = axisValue?.data[0] ?? 0;
  if (!a || (given < 0 ? given + rank : given) !== rank - 1) return undefined;
  const width = a.dims[rank - 1];
  const out = a.data.slice();
  for (let i = 0; i < out.length; i++) if (i % width !== 0) out[i] += out[i - 1];
  return dense(a.dataType, a.dims, out);
};

const where: Compute = (_node, [condition, x, y]) => {
  if (!condition || !x || !y) return undefined;
  const dims = broadcast(broadcast(condition.dims, x.dims), y.dims);
  const out = arrayFor(
    x.dataType,
    dims.reduce((product, size) => product * size, 1),
  );
  const strides = [condition, x, y].map((one) => broadcastStrides(one.dims, dims));
  walkPositions(dims, strides, (at, [c, i, j]) => {
    out[at] = condition.data[c] === 0 ? y.data[j] : x.data[i];
  });
  return dense(x.dataType, dims, out);
};

/** scale · (code − zero), the scale of a code being that of its place along the axis, or of its block. */
const dequantize: Compute = (node, [codes, scales, zeros]) => {
  if (!codes || !scales) return undefined;
  const { dims } = codes;
  const given = intAttribute(node, 'axis', 1);
  const axis = given < 0 ? given + dims.length : given;
  const block = intAttribute(node, 'block_size', 0);
  const strides = scaleStrides(scales, dims, axis);
  const out = new Float32Array(codes.data.length);
  const inner = dims.slice(axis + 1).reduce((product, size) => product * size, 1);
  walkPositions(dims, [strides], (at, [offset]) => {
    const along = Math.floor(at / inner) % (dims[axis] ?? 1);
    const step = block > 0 ? Math.floor(along / block) * blockStride(scales, axis) : 0;
    const zero = zeros ? zeros.data[offset + step] : 0;
    out[at] = scales.data[offset + step] * (codes.data[at] - zero);
  });
  return dense(scales.dataType, dims, out);
};

/** Strides of the scales along all axes but that of blocks. */
function scaleStrides(scales: Dense, dims: readonly number[], axis: number): number[] {
  const count = scales.data.length;
  if (count === 1) return dims.map(() => 0);
  if (scales.dims.length === 1) return dims.map((_, at) => (at === axis ? 1 : 0));
  return broadcastStrides(scales.dims, dims).map((stride, at) => (at === axis ? 0 : stride));
}

function blockStride(scales: Dense, axis: number): number {
  return scales.dims.slice(axis + 1).reduce((product, size) => product * size, 1);
}

export const arithmetic: Readonly<Record<string, Compute>> = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b, _node, whole) => (whole ? Math.imul(a, b) : a * b)),
  Div: binary((a, b, _node, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Mod: binary((a, b, node) =>
    intAttribute(node, 'fmod', 0) === 1 ? a % b : a - b * Math.floor(a / b),
  ),
  Pow: binary((a, b) => a ** b),
  BitwiseAnd: binary((a, b) => a & b),
  BitwiseOr: binary((a, b) => a | b),
  BitwiseXor: binary((a, b) => a ^ b),
  BitShift: binary((a, b, node) =>
    stringAttribute(node, 'direction', '') === 'LEFT' ? a << b : a >>> b,
  ),
  Floor: unary(Math.floor),
  Round: unary(roundToEven),
  Neg: unary((a) => -a),
  Abs: unary(Math.abs),
  Cast: cast,
  MatMul: matMul,
  CumSum: cumSum,
  Where: where,
  DequantizeLinear: dequantize,
};
