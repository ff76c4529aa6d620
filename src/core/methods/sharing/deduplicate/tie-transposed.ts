import { intAttribute } from '../../../onnx/graph/attributes.ts';
import type { GraphEditor } from '../../../onnx/graph/edit.ts';
import type { GraphIndex } from '../../../onnx/graph/index-graph.ts';
import { makeAttribute, makeNode } from '../../../onnx/graph/make.ts';
import type { Node } from '../../../onnx/types.ts';
import { isPassing } from '../../../encodings/index.ts';

/**
 * Makes the readers of `copy` (Kᵀ) read `kept` (K): a Gemm flips its transpose flag, a Transpose of
 * the copy is dropped, everything else reads one Transpose of `kept`, which the runtime folds on loading.
 */
export function tieTransposed(
  editor: GraphEditor,
  index: GraphIndex,
  kept: string,
  copy: string,
): void {
  for (const node of index.consumers(copy)) connect(editor, node, copy, kept);
  const turned = editor.freshName(`${kept}_transposed`);
  editor.addNodes(makeNode('Transpose', [kept], [turned], { perm: [1, 0] }, '', turned));
  editor.replaceUses(copy, turned);
}

function connect(editor: GraphEditor, node: Node, copy: string, kept: string): void {
  // A Gemm that adds the matrix as C, too, needs it as it lies.
  if (node.opType === 'Gemm' && node.inputs[2] !== copy) {
    editor.replaceNode(node, flipped(node, copy, kept));
  } else if (node.opType === 'Transpose' && isPassing(node)) {
    editor.replaceUses(node.outputs[0], kept);
  }
}

/** The Gemm with the flags of the inputs that were `copy` turned over. */
function flipped(node: Node, copy: string, kept: string): Node {
  const flags = ['transA', 'transB'] as const;
  const attributes = flags.reduce((list, flag, slot) => {
    if (node.inputs[slot] !== copy) return list;
    const others = list.filter(({ name }) => name !== flag);
    return [...others, makeAttribute(flag, 1 - intAttribute(node, flag, 0))];
  }, node.attributes);
  return { ...node, attributes, inputs: node.inputs.map((v) => (v === copy ? kept : v)) };
}
