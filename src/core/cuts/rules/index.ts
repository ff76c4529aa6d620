import { canonicalDomain } from '../../onnx/operators/table.ts';
import type { Node } from '../../onnx/types.ts';
import type { CutRule } from '../site.ts';
import { attentionRules } from './attention.ts';
import { branches } from './branches.ts';
import * as elementwise from './elementwise.ts';
import * as layout from './layout.ts';
import * as parts from './parts.ts';
import * as products from './products.ts';
import { reshape } from './reshape.ts';

const of = (rule: CutRule, names: string): [string, CutRule][] =>
  names.split(/\s+/).map((name) => [name, rule]);

/** Rules by operator; onnxruntime registers its own ones without their domain, too. */
const RULES: ReadonlyMap<string, CutRule> = new Map([
  ...of(
    elementwise.elementwise,
    'Add Sub Mul Div Pow Mod Max Min Sum Mean Where And Or Xor Equal Greater GreaterOrEqual Less LessOrEqual PRelu BiasGelu FastGelu',
  ),
  ...of(
    elementwise.unary,
    'Abs Cast CastLike Ceil Celu Clip Cos Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg Not QuickGelu Reciprocal Relu Round Selu Sigmoid Sign Sin Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu',
  ),
  ...of(elementwise.softmax, 'Softmax LogSoftmax'),
  ...of(elementwise.cumulative, 'CumSum'),
  ...of(
    elementwise.normalization,
    'LayerNormalization SimplifiedLayerNormalization RMSNormalization',
  ),
  ...of(elementwise.skipNormalization, 'SkipLayerNormalization SkipSimplifiedLayerNormalization'),
  ...of(elementwise.splitGelu, 'BiasSplitGelu'),
  ...of(products.matMul, 'MatMul FusedMatMul TransposeMatMul'),
  ...of(products.gemm, 'Gemm'),
  ...of(products.convolution, 'Conv'),
  ...of(products.einsum, 'Einsum'),
  ...of(
    products.coded,
    'DequantizeLinear QuantizeLinear DynamicQuantizeLinear MatMulNBits MatMulBnb4 MatMulFpQ4 MatMulInteger MatMulInteger16 MatMulIntegerToFloat DynamicQuantizeMatMul ConvInteger QLinearMatMul QLinearConv QGemm QAttention GatherBlockQuantized',
  ),
  ...of(layout.transpose, 'Transpose'),
  ...of(layout.unsqueeze, 'Unsqueeze'),
  ...of(layout.squeeze, 'Squeeze'),
  ...of(
    layout.reduction,
    'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
  ),
  ...of(layout.gather, 'Gather'),
  ...of(layout.elements, 'GatherElements ScatterElements'),
  ...of(layout.scatterNd, 'ScatterND'),
  ...of(layout.pad, 'Pad'),
  ...of(layout.expand, 'Expand'),
  ...of(layout.tile, 'Tile'),
  ...of(layout.constantOfShape, 'ConstantOfShape'),
  ...of(layout.constant, 'Constant'),
  ...of(layout.shape, 'Shape'),
  ...of(parts.split, 'Split'),
  ...of(parts.concat, 'Concat'),
  ...of(parts.slice, 'Slice'),
  ...of(reshape, 'Reshape Flatten'),
  ...of(branches, 'If'),
]);

/** The rule of a node's operator; undefined where a cut cannot be followed through it. */
export function ruleOf({ opType, domain }: Node): CutRule | undefined {
  const known = ['', 'com.microsoft'].includes(canonicalDomain(domain));
  return known ? (attentionRules.get(`${domain}:${opType}`) ?? RULES.get(opType)) : undefined;
}
