import { intAttribute } from '../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../onnx/operators/entry.ts';
import { DataType } from '../../tensor/data-type.ts';
import { product } from '../dims.ts';
import type { Emitter } from '../emitter.ts';
import type { GradientContext, GradientEntry } from '../types.ts';
import { noGradientForm } from './read-node.ts';

/**
 * Y = A·Ŵᵀ + bias with Ŵ [N, K] = (codes − zero)·scale by blocks along K, the codes packed low bits
 * first in bytes, and frozen: ∂L/∂A = ∂L/∂Y·Ŵ, ∂L/∂bias = Σ ∂L/∂Y. Ŵ is unpacked in the graph, by
 * products and Floor because bit operators leave the GPU.
 */
function matMulNBits(context: GradientContext): (string | undefined)[] {
  const { emit, dy, dims, input, wants } = context;
  if (input(4) !== '') throw noGradientForm(context, 'with reordered columns (g_idx)');
  if (wants(2)) throw noGradientForm(context, 'with scales that are to be trained');
  const dx = () => emit.gemm(emit.flattenLeading(dy), unpackedWeight(context), false, false);
  return [
    wants(0) ? emit.reshape(dx(), dims(0)) : undefined,
    ...[undefined, undefined, undefined, undefined],
    wants(5) ? emit.sumTo(dy, dims(5)) : undefined,
  ];
}

/** Ŵ [N, K] of a MatMulNBits node. */
function unpackedWeight(context: GradientContext): string {
  const { node, emit, input } = context;
  const sizes = {
    K: intAttribute(node, 'K', 0),
    N: intAttribute(node, 'N', 0),
    bits: intAttribute(node, 'bits', 4),
    block: intAttribute(node, 'block_size', 32),
  };
  const blocks = Math.ceil(sizes.K / sizes.block);
  const rows = [sizes.N, blocks, (sizes.block * sizes.bits) / 8];
  const type = emit.dataType(input(0));
  const codes = unpack(emit, emit.reshape(input(1), rows), sizes.bits, type);
  const zero = zeroPoints(context, sizes.N, blocks, sizes.bits, type);
  const scale = emit.reshape(input(2), [sizes.N, blocks, 1]);
  const whole = emit.mul(emit.sub(codes, zero), scale);
  const matrix = emit.reshape(whole, [sizes.N, blocks * sizes.block]);
  return sizes.K === blocks * sizes.block ? matrix : emit.slice(matrix, 1, 0, sizes.K);
}

/** [N, blocks, 1]: given packed, given as floats, or the middle of the range. */
function zeroPoints(
  { emit, input }: GradientContext,
  N: number,
  blocks: number,
  bits: number,
  type: number,
): string {
  if (input(3) === '') return emit.scalar(2 ** (bits - 1), type);
  if (emit.dataType(input(3)) !== DataType.uint8) return emit.reshape(input(3), [N, blocks, 1]);
  const bytes = emit.reshape(input(3), [N, Math.ceil((blocks * bits) / 8)]);
  const codes = unpack(emit, bytes, bits, type);
  const exact = emit.dims(codes)[1] === blocks ? codes : emit.slice(codes, 1, 0, blocks);
  return emit.reshape(exact, [N, blocks, 1]);
}

/** Bytes [… , n] as codes [… , n·8/bits]: byte = Σ codeᵢ·2^(bits·i). */
function unpack(emit: Emitter, bytes: string, bits: number, type: number): string {
  const dims = emit.dims(bytes);
  let rest = emit.reshape(emit.cast(bytes, type), [...dims, 1]);
  const base = 2 ** bits;
  const parts: string[] = [];
  for (let left = 8 / bits; left > 1; left--) {
    const higher = emit.unary('Floor', emit.scale(rest, 1 / base));
    parts.push(emit.sub(rest, emit.scale(higher, base)));
    rest = higher;
  }
  const together = emit.concat([...parts, rest], dims.length);
  return emit.reshape(together, [...dims.slice(0, -1), (product(dims.slice(-1)) * 8) / bits]);
}

export const packedWeightRules: readonly GradientEntry[] = [
  {
    operators: ['MatMulNBits'],
    domain: MICROSOFT,
    rule: matMulNBits,
    equation: '∂L/∂A = ∂L/∂Y·Ŵ, ∂L/∂bias = Σ ∂L/∂Y',
    note: 'the packed weight is frozen',
  },
];
