import { floatAttribute, intAttribute } from '../../onnx/graph/attributes.ts';
import type { GradientContext, GradientEntry } from '../types.ts';

/**
 * Y = A·B over leading axes: ∂L/∂A = ∂L/∂Y·Bᵀ, ∂L/∂B = Aᵀ·∂L/∂Y, each summed over the leading axes
 * it was broadcast along. A weight matrix B under a batch of A is one product of two tall matrices:
 * its sum over the batch costs nothing extra.
 */
function matmul(context: GradientContext): (string | undefined)[] {
  const { emit, dy, input, dims, wants } = context;
  if (dims(0).length < 2 || dims(1).length < 2) return vectorProduct(context, dy);
  const [a, b] = [input(0), input(1)];
  return [
    wants(0) ? leftOfProduct(context, dy, b) : undefined,
    wants(1) && dims(1).length === 2
      ? emit.gemm(emit.flattenLeading(a), emit.flattenLeading(dy), true, false)
      : wants(1)
        ? emit.sumTo(emit.matmul(emit.transposeLast(a), dy), dims(1))
        : undefined,
  ];
}

function leftOfProduct({ emit, dims }: GradientContext, dy: string, b: string): string {
  if (dims(1).length === 2) {
    return emit.reshape(emit.gemm(emit.flattenLeading(dy), b, false, true), dims(0));
  }
  return emit.sumTo(emit.matmul(dy, emit.transposeLast(b)), dims(0));
}

/** A vector counts as a row on the left and as a column on the right, as in NumPy. */
function vectorProduct({ emit, input, dims, wants }: GradientContext, dy: string) {
  const [left, right] = [dims(0), dims(1)];
  const row = left.length === 1 ? [1, left[0]] : left;
  const column = right.length === 1 ? [right[0], 1] : right;
  const a = emit.reshape(input(0), row);
  const b = emit.reshape(input(1), column);
  const lead = row.length > column.length ? row.slice(0, -2) : column.slice(0, -2);
  const full = emit.reshape(dy, [...lead, row[row.length - 2], column[column.length - 1]]);
  const da = () => emit.sumTo(emit.matmul(full, emit.transposeLast(b)), row);
  const db = () => emit.sumTo(emit.matmul(emit.transposeLast(a), full), column);
  return [
    wants(0) ? emit.reshape(da(), left) : undefined,
    wants(1) ? emit.reshape(db(), right) : undefined,
  ];
}

/**
 * Y = α·op(A)·op(B) + β·C: ∂L/∂op(A) = α·∂L/∂Y·op(B)ᵀ, ∂L/∂op(B) = α·op(A)ᵀ·∂L/∂Y,
 * ∂L/∂C = β·∂L/∂Y summed over what was broadcast.
 */
function gemm({ node, emit, dy, input, dims, wants }: GradientContext) {
  const alpha = floatAttribute(node, 'alpha', 1);
  const transA = intAttribute(node, 'transA', 0) === 1;
  const transB = intAttribute(node, 'transB', 0) === 1;
  const [a, b] = [input(0), input(1)];
  const da = () =>
    transA ? emit.gemm(b, dy, transB, true, alpha) : emit.gemm(dy, b, false, !transB, alpha);
  const db = () =>
    transB ? emit.gemm(dy, a, true, transA, alpha) : emit.gemm(a, dy, !transA, false, alpha);
  return [
    wants(0) ? da() : undefined,
    wants(1) ? db() : undefined,
    wants(2) ? emit.scale(emit.sumTo(dy, dims(2)), floatAttribute(node, 'beta', 1)) : undefined,
  ];
}

export const productRules: readonly GradientEntry[] = [
  { operators: ['MatMul'], rule: matmul, equation: '∂L/∂A = ∂L/∂Y·Bᵀ, ∂L/∂B = Aᵀ·∂L/∂Y' },
  {
    operators: ['Gemm'],
    rule: gemm,
    equation: '∂L/∂op(A) = α·∂L/∂Y·op(B)ᵀ, ∂L/∂op(B) = α·op(A)ᵀ·∂L/∂Y, ∂L/∂C = β·∂L/∂Y',
  },
];
