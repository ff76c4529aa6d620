import type { Node } from '../onnx/types.ts';
import { isCausalMask } from './causal.ts';
import type { AttentionCore } from './core.ts';
import { isFused, isMove, isOp } from './operators.ts';
import type { GraphView } from './view.ts';
import { dataInputs, walk } from './walk.ts';

/** All softmax(q·kᵀ + mask)·v of a graph that are written out in single operators. */
export function findSoftmaxAttention(view: GraphView): AttentionCore[] {
  return view.nodes.flatMap((node, index) => {
    if (!isFused(node, 'Softmax', 'BiasSoftmax')) return [];
    const found = matchAround(view, node, index);
    return found ? [found] : [];
  });
}

function matchAround(view: GraphView, softmax: Node, index: number): AttentionCore | undefined {
  const scores = scoreProduct(view, softmax.inputs[0]);
  const mixing = scores && mixingProduct(view, softmax.outputs[0]);
  if (!scores || !mixing) return undefined;
  const [query, key] = scores.inputs;
  return {
    node: index,
    output: mixing.node.outputs[0],
    query,
    key,
    value: mixing.node.inputs[1 - mixing.slot],
    causal: isCausalMask(view, softmax, scores),
    rotary: false,
    cached: false,
  };
}

/** A product of two values that both depend on the input. */
function isDataProduct(view: GraphView, node: Node): boolean {
  const fused = node.domain === 'com.microsoft' && /^(Fused|Transpose)MatMul$/.test(node.opType);
  if (!fused && !isOp(node, 'MatMul', 'Einsum')) return false;
  return node.inputs.length === 2 && node.inputs.every((value) => !view.isConstant(value));
}

/** q·kᵀ, found by going back from the softmax through scaling, masking and reshaping. */
function scoreProduct(view: GraphView, start: string): Node | undefined {
  let found: Node | undefined;
  walk([start], (value) => {
    const node = view.maker(value);
    if (!node) return [];
    if (isDataProduct(view, node)) {
      found = node;
      return 'done';
    }
    return isOp(node, 'Tanh') ? node.inputs : dataInputs(view, node, value);
  });
  return found;
}

/** probabilities·v, found by going on from the softmax through dropout, masking and reshaping. */
function mixingProduct(view: GraphView, start: string) {
  let found: { node: Node; slot: number } | undefined;
  walk([start], (value) => {
    const onward: string[] = [];
    for (const { node: index, slot } of view.uses(value)) {
      const node = view.nodes[index];
      if (isDataProduct(view, node)) {
        found = { node, slot };
        return 'done';
      }
      if (isMove(node) ? slot === 0 : isOp(node, 'Where', 'Mul', 'Add', 'Div')) {
        onward.push(node.outputs[0]);
      }
    }
    return onward;
  });
  return found;
}
