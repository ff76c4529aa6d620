import { intAttribute } from '../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../onnx/operators/entry.ts';
import { DataType } from '../../tensor/data-type.ts';
import { product } from '../dims.ts';
import type { Emitter } from '../emitter.ts';
import type { GradientContext, GradientEntry } from '../types.ts';
import { addedRows } from './gathers.ts';
import { placed } from './pieces.ts';
import { noGradientForm } from './read-node.ts';

/**
 * Y = A·Ŵᵀ + bias with Ŵ [N, K] = (codes − zero)·scale by blocks along K, the codes packed low bits
 * first in bytes, and frozen: ∂L/∂A = ∂L/∂Y·Ŵ, ∂L/∂bias = Σ ∂L/∂Y, ∂L/∂scale = Σ ∂L/∂Ŵ ⊙ (codes − zero)
 * over the block, ∂L/∂Ŵ = (∂L/∂Y)ᵀ·A. Ŵ is unpacked in the graph, by products and Floor because bit
 * operators leave the GPU.
 */
function matMulNBits(context: GradientContext): (string | undefined)[] {
  const { emit, dy, dims, input, wants } = context;
  if (input(4) !== '') throw noGradientForm(context, 'with reordered columns (g_idx)');
  const dx = () => emit.gemm(emit.flattenLeading(dy), unpackedWeight(context), false, false);
  return [
    wants(0) ? emit.reshape(dx(), dims(0)) : undefined,
    undefined,
    wants(2) ? scaleGradient(context) : undefined,
    ...[undefined, undefined],
    wants(5) ? emit.sumTo(dy, dims(5)) : undefined,
  ];
}

interface Blocks {
  readonly K: number;
  readonly N: number;
  readonly bits: number;
  readonly block: number;
  readonly blocks: number;
}

function blocksOf({ node }: GradientContext): Blocks {
  const [K, N] = [intAttribute(node, 'K', 0), intAttribute(node, 'N', 0)];
  const block = intAttribute(node, 'block_size', 32);
  return { K, N, block, bits: intAttribute(node, 'bits', 4), blocks: Math.ceil(K / block) };
}

/** codes − zero, [N, blocks, block]: the last block of a row may be longer than K. */
function centredCodes(context: GradientContext): string {
  const { emit, input } = context;
  const { N, bits, block, blocks } = blocksOf(context);
  const type = emit.dataType(input(0));
  const packed = emit.reshape(input(1), [N, blocks, (block * bits) / 8]);
  const zero = zeroPoints(context, N, blocks, bits, type);
  return emit.sub(unpack(emit, packed, bits, type), zero);
}

/** Ŵ [N, K] of a MatMulNBits node. */
function unpackedWeight(context: GradientContext): string {
  const { emit, input } = context;
  const { K, N, block, blocks } = blocksOf(context);
  const scale = emit.reshape(input(2), [N, blocks, 1]);
  const matrix = emit.reshape(emit.mul(centredCodes(context), scale), [N, blocks * block]);
  return K === blocks * block ? matrix : emit.slice(matrix, 1, 0, K);
}

function scaleGradient(context: GradientContext): string {
  const { emit, dy, dims, input } = context;
  const { K, N, block, blocks } = blocksOf(context);
  const [rows, a] = [emit.flattenLeading(dy), emit.flattenLeading(input(0))];
  const dw = emit.gemm(rows, a, true, false);
  const whole = K === blocks * block ? dw : placed(emit, dw, 1, 0, blocks * block);
  const products = emit.mul(emit.reshape(whole, [N, blocks, block]), centredCodes(context));
  return emit.reshape(emit.reduceSum(products, [2], false), dims(2));
}

/**
 * y = (codes[indices] − zero)·scale[indices], a row of the table for each index, by blocks of a row; the codes are
 * frozen: ∂L/∂scale = Σ ∂L/∂y ⊙ y/scale over the block and over the places that read the row.
 */
function gatherBlockQuantized(context: GradientContext): (string | undefined)[] {
  const { node, emit, dy, input, output, dims } = context;
  const [gathered, along] = [
    intAttribute(node, 'gather_axis', 0),
    intAttribute(node, 'quantize_axis', 1),
  ];
  const [rows, groups] = dims(2);
  if (gathered !== 0 || dims(2).length !== 2 || (along !== 1 && along !== -1)) {
    throw noGradientForm(context, 'along other axes than rows and their columns');
  }
  const width = emit.dims(dy).at(-1) ?? 0;
  const block = intAttribute(node, 'block_size', 128);
  const whole = groups * block;
  const products = emit.flattenLeading(emit.mul(dy, output()));
  const padded = width === whole ? products : placed(emit, products, 1, 0, whole);
  const [count] = emit.dims(products);
  const sums = emit.reduceSum(emit.reshape(padded, [count, groups, block]), [2], false);
  const added = addedRows(emit, rows, emit.reshape(input(1), [count, 1]), sums);
  // A scale of zero makes zeros, which say nothing of the codes: it stays.
  const one = emit.scalar(1, emit.dataType(input(2)));
  const none = emit.compare('Equal', input(2), emit.scalar(0, emit.dataType(input(2))));
  return [undefined, undefined, emit.div(added, emit.where(none, one, input(2)))];
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
    equation: '∂L/∂A = ∂L/∂Y·Ŵ, ∂L/∂bias = Σ ∂L/∂Y, ∂L/∂scale = Σ ∂L/∂Ŵ ⊙ (codes − zero)',
    note: 'the codes are frozen',
  },
  {
    operators: ['GatherBlockQuantized'],
    domain: MICROSOFT,
    rule: gatherBlockQuantized,
    equation: '∂L/∂scale = Σ ∂L/∂y ⊙ y/scale',
    note: 'the codes are frozen',
  },
];
