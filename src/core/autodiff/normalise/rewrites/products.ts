import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from '../../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../../onnx/operators/entry.ts';
import type { Node } from '../../../onnx/types.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';
import { activated } from './activations.ts';

/** α·op(A)·op(B): a matrix B under a batch of A is one product of the rows of all A. */
function fusedMatMul({ node, emit, input, dims, refuse }: RewriteContext) {
  if (intAttribute(node, 'transBatchA', 0) === 1 || intAttribute(node, 'transBatchB', 0) === 1) {
    throw refuse('moves its batch axes, which is not written out here; export the model unfused');
  }
  const alpha = floatAttribute(node, 'alpha', 1);
  const [transA, transB] = ['transA', 'transB'].map((name) => intAttribute(node, name, 0) === 1);
  const [a, b] = [input(0), input(1)];
  const [left, right] = [dims(0), dims(1)];
  if (right.length === 2 && left.length >= 2 && !transA) {
    const rows = emit.gemm(emit.flattenLeading(a), b, false, transB, alpha);
    return [emit.reshape(rows, [...left.slice(0, -1), right[transB ? 0 : 1]])];
  }
  const turned = (value: string, turn: boolean) =>
    turn && emit.dims(value).length > 1 ? emit.transposeLast(value) : value;
  return [emit.matmul(emit.scale(turned(a, transA), alpha), turned(b, transB))];
}

/** Gemm and an activation behind it. */
function fusedGemm(context: RewriteContext) {
  const { node, emit, input, outputType } = context;
  const attributes = {
    alpha: { float: floatAttribute(node, 'alpha', 1) },
    beta: { float: floatAttribute(node, 'beta', 1) },
    transA: intAttribute(node, 'transA'),
    transB: intAttribute(node, 'transB'),
  };
  const inputs = node.inputs.filter((_, index) => input(index) !== '');
  const product = emit.op('Gemm', inputs, outputType().dims, { attributes });
  const parameters = ['activation_alpha', 'activation_beta'].map((name) =>
    floatAttribute(node, name, 0),
  );
  return [activated(context, product, stringAttribute(node, 'activation', ''), parameters)];
}

/** Conv, plus a value of the same size where there is a fourth input, and an activation behind. */
function fusedConv(context: RewriteContext) {
  const { node, emit, input, has, outputType } = context;
  const inputs = has(2) ? [0, 1, 2] : [0, 1];
  const dims = outputType().dims;
  const maps = emit.op('Conv', inputs.map(input), dims, { attributes: convolution(node) });
  const sum = has(3) ? emit.add(maps, input(3)) : maps;
  const parameters = floatsAttribute(node, 'activation_params') ?? [];
  return [activated(context, sum, stringAttribute(node, 'activation', ''), parameters)];
}

function convolution(node: Node) {
  return {
    kernel_shape: intsAttribute(node, 'kernel_shape'),
    strides: intsAttribute(node, 'strides'),
    pads: intsAttribute(node, 'pads'),
    dilations: intsAttribute(node, 'dilations'),
    group: intAttribute(node, 'group'),
    auto_pad: stringAttribute(node, 'auto_pad'),
  };
}

export const productRewrites: readonly RewriteEntry[] = [
  { operators: ['FusedMatMul'], domain: MICROSOFT, rewrite: fusedMatMul },
  { operators: ['FusedGemm'], domain: MICROSOFT, rewrite: fusedGemm },
  { operators: ['FusedConv'], domain: MICROSOFT, rewrite: fusedConv },
];
