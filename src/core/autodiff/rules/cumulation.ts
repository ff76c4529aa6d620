import { intAttribute } from '../../onnx/graph/attributes.ts';
import type { GradientContext, GradientEntry } from '../types.ts';

/** y = the upper or lower triangle of x, 0 elsewhere: ∂L/∂x = the same triangle of ∂L/∂y. */
function trilu({ node, emit, dy, input, dims }: GradientContext): string[] {
  const inputs = input(1) === '' ? [dy] : [dy, input(1)];
  const attributes = { upper: intAttribute(node, 'upper', 1) };
  return [emit.op('Trilu', inputs, dims(0), { attributes })];
}

/** yᵢ = Σ_{j ≤ i} xⱼ along an axis: ∂L/∂xⱼ = Σ_{i ≥ j} ∂L/∂yᵢ, the same sum from the other end. */
function cumSum({ node, emit, dy, input, dims }: GradientContext): string[] {
  const attributes = {
    exclusive: intAttribute(node, 'exclusive', 0),
    reverse: 1 - intAttribute(node, 'reverse', 0),
  };
  return [emit.op('CumSum', [dy, input(1)], dims(0), { attributes })];
}

export const cumulationRules: readonly GradientEntry[] = [
  { operators: ['Trilu'], rule: trilu, equation: '∂L/∂x = the same triangle of ∂L/∂y' },
  { operators: ['CumSum'], rule: cumSum, equation: '∂L/∂xⱼ = Σ ∂L/∂yᵢ over i ≥ j' },
];
