import { floatAttribute } from '../onnx/graph/attributes.ts';
import { makeNode } from '../onnx/graph/make.ts';
import { MICROSOFT } from '../onnx/operators/entry.ts';
import type { Node } from '../onnx/types.ts';

/** com.microsoft's own default. */
const EPSILON = 1e-12;

/** An add with the norm behind it in one operator, which reads the bias at this input; undefined for other nodes. */
function biasInput({ domain, opType }: Node): number | undefined {
  if (domain !== MICROSOFT) return undefined;
  if (opType === 'SkipLayerNormalization') return 4;
  return opType === 'SkipSimplifiedLayerNormalization' ? 3 : undefined;
}

/** Whether a node is onnxruntime's Skip(Simplified)LayerNormalization. */
export function isSkipNorm(node: Node): boolean {
  return biasInput(node) !== undefined;
}

/**
 * Name of the sum that a skip norm makes before its norm: its fourth output, or, where it hands none out, a name that a
 * gate may use all the same.
 */
export function sumOf({ outputs }: Node): string {
  return outputs[3] || `${outputs[0]}/sum`;
}

/** A skip norm as sum and norm apart, so that the sum can be gated: s = x + skip (+ bias), y = norm(s). */
export function splitSkipNorm(node: Node): readonly Node[] {
  const bias = biasInput(node) ?? 0;
  const [x, skip] = node.inputs;
  const sum = sumOf(node);
  const biased = Boolean(node.inputs[bias]);
  const first = biased ? `${sum}/unbiased` : sum;
  const epsilon = { float: floatAttribute(node, 'epsilon', EPSILON) };
  const layer = node.opType === 'SkipLayerNormalization';
  const parameters = node.inputs.slice(2, layer ? 4 : 3).filter((name) => name !== '');
  return [
    makeNode('Add', [x, skip], [first]),
    ...(biased ? [makeNode('Add', [first, node.inputs[bias]], [sum])] : []),
    makeNode(
      layer ? 'LayerNormalization' : 'SimplifiedLayerNormalization',
      [sum, ...parameters],
      [node.outputs[0]],
      { axis: -1, epsilon },
    ),
  ];
}
