import type { Node } from '../onnx/types.ts';
import { isFused, isMove, isOp } from './operators.ts';
import type { GraphView } from './view.ts';

/** True for the operators that turn pairs of channels: fused, or the sum a·cos ± b·sin. */
export function isRotation(view: GraphView, node: Node): boolean {
  if (isFused(node, 'RotaryEmbedding', 'GemmaRotaryEmbedding')) return true;
  if (!isOp(node, 'Add', 'Sub') || node.inputs.length !== 2) return false;
  return node.inputs.every((value) => {
    const product = view.maker(value);
    return product && isOp(product, 'Mul') && product.inputs.some((v) => isAngleFactor(view, v));
  });
}

/** cos or sin of positions: computed, or looked up in a constant table. */
function isAngleFactor(view: GraphView, value: string): boolean {
  let current = value;
  for (let steps = 0; steps < 16; steps++) {
    if (view.isConstant(current)) return isTable(view, current);
    const node = view.maker(current);
    if (!node) return false;
    if (isOp(node, 'Cos', 'Sin')) return true;
    if (isOp(node, 'Mul', 'Div')) {
      const varying = node.inputs.filter((input) => !view.isConstant(input));
      if (varying.length !== 1) return false;
      current = varying[0];
    } else if (isMove(node) || isOp(node, 'Gather', 'GatherElements', 'Concat', 'Where')) {
      current = node.inputs[isOp(node, 'Where') ? 1 : 0];
    } else {
      return false;
    }
  }
  return false;
}

function isTable(view: GraphView, value: string): boolean {
  const dims = view.tensor(value)?.dims;
  return dims === undefined || dims.some((d) => d > 1);
}
