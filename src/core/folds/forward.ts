import { isOp } from '../anatomy/operators.ts';
import { intsAttribute } from '../onnx/graph/attributes.ts';
import type { Node } from '../onnx/types.ts';
import type { Draft, Reason } from './draft.ts';
import { gathered, isIdentity, reshaped } from './pattern.ts';
import { called } from './scene.ts';
import type { Pattern } from './types.ts';

/** Operators that hand every number on as it is, under the same axes. */
export const SAME = ['Identity', 'Cast', 'Dropout'] as const;

/** Operators that hand every number on under other axes. */
export const RESHAPES = ['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten'] as const;

/** All that reads a value, but for one node, must be a layer that can be multiplied, or read shapes only. */
export function readBesides(
  draft: Draft,
  value: string,
  pattern: Pattern,
  except: string | undefined,
): Reason | undefined {
  const { view } = draft.scene;
  if (view.outputs.has(value)) return `the model hands "${value}" out`;
  for (const { node: at, slot } of view.uses(value)) {
    const node = view.nodes[at];
    if (node.outputs[0] === except) continue;
    const reason = reader(draft, node, slot, value, pattern);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function reader(
  draft: Draft,
  node: Node,
  slot: number,
  value: string,
  pattern: Pattern,
): Reason | undefined {
  const [output] = node.outputs;
  if (isOp(node, 'Shape', 'Size')) return undefined;
  const layer = draft.scene.layers.get(output);
  if (layer !== undefined && slot === 0 && layer.op !== 'Conv') {
    if (!isIdentity(pattern, layer.inFeatures))
      return `${called(node)} reads its channels in another order`;
    draft.readers.set(output, layer);
    return undefined;
  }
  const moved = slot === 0 ? after(draft, node, value, pattern) : undefined;
  if (moved === undefined) return `"${value}" is also read by ${called(node)}`;
  return readBesides(draft, output, moved, undefined);
}

/** The pattern of what a node makes that only moves numbers. */
function after(draft: Draft, node: Node, value: string, pattern: Pattern): Pattern | undefined {
  const { dims } = draft.scene;
  const [from, to] = [dims(value), dims(node.outputs[0])];
  if (isOp(node, ...SAME)) return pattern;
  if (isOp(node, ...RESHAPES)) return from && to && reshaped(pattern, from, to);
  if (!isOp(node, 'Transpose')) return undefined;
  const rank = pattern.dims.length;
  const perm = intsAttribute(node, 'perm') ?? pattern.dims.map((_, axis) => rank - 1 - axis);
  const moved = perm.map((axis) => pattern.dims[axis]);
  return gathered(pattern, moved, (index) =>
    pattern.dims.map((_, axis) => index[perm.indexOf(axis)]),
  );
}
