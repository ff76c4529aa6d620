import { intAttribute } from '../../onnx/graph/attributes.ts';
import type { GradientContext, GradientEntry } from '../types.ts';

/** y = softmax x along an axis: ∂L/∂x = y ⊙ (∂L/∂y − Σ ∂L/∂y ⊙ y). */
function softmax({ node, emit, dy, output }: GradientContext): string[] {
  const y = output();
  const total = emit.reduceSum(emit.mul(dy, y), [intAttribute(node, 'axis', -1)]);
  return [emit.mul(y, emit.sub(dy, total))];
}

/** y = x − ln Σ eˣ along an axis: ∂L/∂x = ∂L/∂y − eʸ·Σ ∂L/∂y. */
function logSoftmax({ node, emit, dy, output }: GradientContext): string[] {
  const total = emit.reduceSum(dy, [intAttribute(node, 'axis', -1)]);
  return [emit.sub(dy, emit.mul(emit.unary('Exp', output()), total))];
}

/** As in the operator sets from 13 on; the older meaning of `axis` is normalised away before. */
export const softmaxRules: readonly GradientEntry[] = [
  { operators: ['Softmax'], rule: softmax, equation: '∂L/∂x = y ⊙ (∂L/∂y − Σ ∂L/∂y ⊙ y)' },
  { operators: ['LogSoftmax'], rule: logSoftmax, equation: '∂L/∂x = ∂L/∂y − eʸ·Σ ∂L/∂y' },
];
