import { DataType } from '../../../src/core/tensor/data-type.ts';
import type { Call, Kernel, Kernels } from './kernel.ts';
import { zip } from './elementwise.ts';
import { matmul, turned } from './products.ts';
import { mapPositions, ravel, wrap } from './positions.ts';
import { generate, type F64Value } from './value.ts';

/** A scale or zero point, spread over the shape it belongs to: per tensor, channel or block. */
function spread(call: Call, x: F64Value, parameter: F64Value): F64Value {
  if (parameter.data.length === 1)
    return generate(parameter.dataType, x.dims, () => parameter.data[0]);
  const axis = wrap(call.int('axis', 1), x.dims.length);
  const block = call.int('block_size', 0);
  const positions = mapPositions(x.dims, (at) =>
    block === 0 ? at[axis] : ravel(at.with(axis, Math.floor(at[axis] / block)), parameter.dims),
  );
  return generate(parameter.dataType, x.dims, (i) => parameter.data[positions[i]]);
}

const dequantize: Kernel = (call) => {
  const [x, scale] = [call.input(0), call.input(1)];
  const zero = call.inputs[2];
  const zeros = zero ? spread(call, x, zero) : generate(1, x.dims, () => 0);
  return zip([x, spread(call, x, scale), zeros], (q, s, z) => (q - z) * s, scale.dataType);
};

const BOUNDS: Readonly<Record<number, readonly [number, number]>> = {
  [DataType.int8]: [-128, 127],
  [DataType.uint8]: [0, 255],
  [DataType.int16]: [-32768, 32767],
  [DataType.uint16]: [0, 65535],
  [DataType.int4]: [-8, 7],
  [DataType.uint4]: [0, 15],
  [DataType.int2]: [-2, 1],
  [DataType.uint2]: [0, 3],
};

function roundToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

const quantize: Kernel = (call) => {
  const [x, scale] = [call.input(0), call.input(1)];
  const zero = call.inputs[2];
  const dataType = zero?.dataType ?? (call.int('output_dtype', 0) || DataType.uint8);
  const [low, high] = BOUNDS[dataType];
  const zeros = zero ? spread(call, x, zero) : generate(1, x.dims, () => 0);
  return zip(
    [x, spread(call, x, scale), zeros],
    (v, s, z) => Math.min(Math.max(roundToEven(v / s) + z, low), high),
    dataType,
  );
};

/** The weight Wᵀ [N, K] of MatMulNBits: (code − zero)·scale by blocks of K, codes low bits first. */
function unpackWeight(call: Call): F64Value {
  const [K, N, bits] = [call.int('K', 0), call.int('N', 0), call.int('bits', 4)];
  const block = call.int('block_size', 32);
  const [packed, scales, zeros] = [call.input(1), call.input(2), call.inputs[3]];
  const blocks = Math.ceil(K / block);
  const blockBytes = (block * bits) / 8;
  const zeroBytes = Math.ceil((blocks * bits) / 8);
  const code = (bytes: Float64Array, start: number, k: number) =>
    (bytes[start + Math.floor((k * bits) / 8)] >> ((k * bits) % 8)) & (2 ** bits - 1);
  const zeroOf = (n: number, b: number) => {
    if (!zeros) return 2 ** (bits - 1);
    const isFloat = zeros.dataType !== DataType.uint8;
    return isFloat ? zeros.data[n * blocks + b] : code(zeros.data, n * zeroBytes, b);
  };
  return generate(scales.dataType, [N, K], (i) => {
    const [n, k] = [Math.floor(i / K), i % K];
    const b = Math.floor(k / block);
    const q = code(packed.data, (n * blocks + b) * blockBytes, k % block);
    return (q - zeroOf(n, b)) * scales.data[n * blocks + b];
  });
}

const matMulNBits: Kernel = (call) => {
  if (call.inputs[4]) throw new Error('MatMulNBits with g_idx is not interpreted.');
  const product = matmul(call.input(0), turned(unpackWeight(call)));
  const bias = call.inputs[5];
  return bias ? zip([product, bias], (a, b) => a + b) : product;
};

/** Rows of a table of codes packed low bits first, (code − zero)·scale by blocks of a row; no zeros given. */
const gatherBlockQuantized: Kernel = (call) => {
  const [packed, indices, scales] = [call.input(0), call.input(1), call.input(2)];
  const [bits, block] = [call.int('bits', 4), call.int('block_size', 128)];
  const [bytes, groups] = [packed.dims[1], scales.dims[1]];
  const width = (bytes * 8) / bits;
  return generate(scales.dataType, [...indices.dims, width], (i) => {
    const [row, k] = [indices.data[Math.floor(i / width)], i % width];
    const byte = packed.data[row * bytes + Math.floor((k * bits) / 8)];
    const code = (byte >> ((k * bits) % 8)) & (2 ** bits - 1);
    return (code - 2 ** (bits - 1)) * scales.data[row * groups + Math.floor(k / block)];
  });
};

export const quantization: Kernels = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  MatMulNBits: matMulNBits,
  GatherBlockQuantized: gatherBlockQuantized,
};
