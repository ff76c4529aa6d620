import { floatAttribute, intAttribute } from '../../../onnx/graph/attributes.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';

/**
 * BatchNormalization with stored statistics, (x − μ)/√(σ² + ε)·γ + β: before version 14 the number of
 * outputs says that it is that. Statistics of the batch itself are refused.
 */
function batchNorm({ node, opset, emit, wants, refuse, outputType }: RewriteContext) {
  const training = intAttribute(node, 'training_mode', 0) === 1;
  if (training || [1, 2, 3, 4].some((index) => wants(index))) {
    throw refuse('takes its statistics from the batch; export the model in evaluation mode');
  }
  if (opset >= 15 || opset < 9) return undefined;
  const attributes = { epsilon: { float: floatAttribute(node, 'epsilon', 1e-5) } };
  return [
    emit.op('BatchNormalization', node.inputs.slice(0, 5), outputType().dims, { attributes }),
  ];
}

export const inferenceRewrites: readonly RewriteEntry[] = [
  { operators: ['BatchNormalization'], rewrite: batchNorm },
];
