import { isFused, isOp } from '../anatomy/operators.ts';
import type { GraphView } from '../anatomy/view.ts';
import type { GraphEditor } from '../onnx/graph/edit.ts';
import { makeNode } from '../onnx/graph/make.ts';
import type { Node, Tensor } from '../onnx/types.ts';
import { hole, typeAt, type Wiring } from './holes.ts';
import type { Reader, Stream } from './follow.ts';

/** b' = b + W·β: what a norm added reaches its readers as their bias. */
export interface Folded {
  readonly name: string;
  readonly reader: Reader;
  readonly before?: Tensor;
  readonly dataType: number;
}

/** Biases that take in what the norms add, where they add something; readers without one get one. */
export function foldedBiases(
  edit: GraphEditor,
  wiring: Wiring,
  view: GraphView,
  { readers, norms }: Stream,
): Folded[] {
  return readers
    .filter(({ norm }) => norms[norm].shift !== undefined)
    .map((reader) => foldedBias(edit, wiring, view, reader));
}

function foldedBias(edit: GraphEditor, wiring: Wiring, view: GraphView, reader: Reader): Folded {
  const { node, tensor, axis } = reader;
  const out = tensor.dims[1 - axis];
  const dataType = typeAt(view, node.inputs[1], tensor.dataType);
  const name = edit.freshName(`${tensor.name}_bias`);
  edit.addInitializer(hole(name, dataType, [out]));
  const folded = (before: Tensor | undefined): Folded => ({
    ...{ name, reader, dataType },
    ...(before && { before }),
  });
  if (!isOp(node, 'MatMul') && !isFused(node, 'FusedMatMul')) {
    wiring.read(node, 2, name);
    return folded(view.tensor(node.inputs[2] ?? ''));
  }
  const added = addBehind(view, node, out);
  if (added) {
    const [next, slot] = added;
    wiring.read(next, slot, name);
    return folded(view.tensor(next.inputs[slot]));
  }
  wiring.after.push(() => {
    const sum = edit.freshName(`${node.outputs[0]}_biased`);
    const add = makeNode('Add', [node.outputs[0], name], [sum], {}, '', sum);
    edit.addNodes(add);
    edit.replaceUses(node.outputs[0], sum, [add]);
  });
  return folded(undefined);
}

/** The bias right behind a product, and at which input it stands. */
function addBehind(view: GraphView, node: Node, out: number): [Node, number] | undefined {
  const uses = view.uses(node.outputs[0]);
  if (uses.length !== 1) return undefined;
  const next = view.nodes[uses[0].node];
  const slot = 1 - uses[0].slot;
  const tensor = isOp(next, 'Add') ? view.tensor(next.inputs[slot]) : undefined;
  return tensor?.dims.length === 1 && tensor.dims[0] === out ? [next, slot] : undefined;
}
