import type { Node } from '../onnx/types.ts';

const STANDARD = new Set(['', 'ai.onnx']);

/** True when the node is one of these standard (ai.onnx) operators. */
export function isOp(node: Node, ...types: readonly string[]): boolean {
  return STANDARD.has(node.domain) && types.includes(node.opType);
}

/**
 * True when the node is one of these operators in any domain onnxruntime registers them in
 * (its optimiser writes fused operators as com.microsoft, some of them also as ai.onnx).
 */
export function isFused(node: Node, ...types: readonly string[]): boolean {
  return (
    (STANDARD.has(node.domain) || node.domain === 'com.microsoft') && types.includes(node.opType)
  );
}

/**
 * Operators that only move, repeat, cut or relabel values of their first input. A quantize/dequantize
 * pair counts as one: it passes the same numbers on.
 */
const MOVES = new Set([
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Identity',
  'Cast',
  'CastLike',
  'Dropout',
  'Slice',
  'Split',
  'Expand',
  'Tile',
  'Pad',
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'DepthToSpace',
  'SpaceToDepth',
]);

/** Elementwise arithmetic: no operator here is an activation. */
const ARITHMETIC = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Neg',
  'Sum',
  'Max',
  'Min',
  'Where',
  'Clip',
  'Abs',
  'Sqrt',
  'Pow',
  'Reciprocal',
]);

/** Nonlinear functions that stand between the two linear maps of a feed-forward part. */
const ACTIVATIONS = new Set([
  'Relu',
  'LeakyRelu',
  'PRelu',
  'Elu',
  'Selu',
  'Celu',
  'ThresholdedRelu',
  'HardSwish',
  'HardSigmoid',
  'Sigmoid',
  'Tanh',
  'Erf',
  'Exp',
  'Softplus',
  'Softsign',
  'Mish',
  'Swish',
  'Gelu',
  'FastGelu',
  'BiasGelu',
  'QuickGelu',
  'BiasSplitGelu',
  'QGelu',
]);

/** True for operators that only move values about ({@link MOVES}). */
export function isMove(node: Node): boolean {
  return isFused(node, node.opType) && MOVES.has(node.opType);
}

/** True for elementwise arithmetic. */
export function isArithmetic(node: Node): boolean {
  return isOp(node, node.opType) && ARITHMETIC.has(node.opType);
}

/** True for a nonlinear elementwise function, standard or fused. */
export function isActivation(node: Node): boolean {
  return isFused(node, node.opType) && ACTIVATIONS.has(node.opType);
}
