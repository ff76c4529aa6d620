import { isOp } from '../anatomy/operators.ts';
import type { GraphView } from '../anatomy/view.ts';
import { intAttribute } from '../onnx/graph/attributes.ts';
import type { GraphEditor } from '../onnx/graph/edit.ts';
import { plannedData } from '../onnx/tensor-data.ts';
import type { Node, Tensor } from '../onnx/types.ts';
import { byteLengthOf } from '../tensor/data-type.ts';
import type { Reader, Stream, StreamTensor } from './follow.ts';

/** A weight or constant in the narrower model, and what it is made of. */
export interface Narrowed {
  readonly name: string;
  readonly source: Tensor;
  readonly axis: number;
  /** The norm in front, for what reads the stream; absent for what writes into it. */
  readonly norm?: number;
  /** Stored the other way round than its source. */
  readonly turned: boolean;
  readonly dataType: number;
}

/** Where nodes read their new constants: by node and slot. */
export class Wiring {
  private readonly changed = new Map<Node, Node>();

  read(node: Node, slot: number, name: string): void {
    const now = this.now(node);
    const inputs = [...now.inputs];
    while (inputs.length <= slot) inputs.push('');
    this.changed.set(node, { ...now, inputs: inputs.with(slot, name) });
  }

  now(node: Node): Node {
    return this.changed.get(node) ?? node;
  }

  /** What is done once the nodes read their new constants: an edit of uses would be lost before. */
  readonly after: (() => void)[] = [];

  apply(edit: GraphEditor): void {
    for (const [from, to] of this.changed) edit.replaceNode(from, to);
    for (const act of this.after) act();
  }
}

/**
 * Holes for all that writes or reads the stream, `width` columns wide. A tensor of one use keeps its name and layout;
 * one that is read in several ways (a table that is also the head) is stored once for each.
 */
export function narrowedTensors(
  edit: GraphEditor,
  wiring: Wiring,
  view: GraphView,
  { writers, readers }: Stream,
  width: number,
): Narrowed[] {
  const groups = new Map<string, (StreamTensor & Partial<Pick<Reader, 'norm'>>)[]>();
  for (const entry of [...writers, ...readers]) {
    const norm = 'norm' in entry ? (entry as Reader).norm : -1;
    const key = JSON.stringify([entry.tensor.name, entry.axis, norm]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].flatMap((entries) => {
    const [{ tensor, axis, norm }] = entries;
    const of = { source: tensor, axis, ...(norm !== undefined && { norm }) };
    const ends = readersInTheEnd(view, tensor.name);
    const whole =
      ends.length === entries.length &&
      ends.every((end) => entries.some((e) => e.node === end.node && e.slot === end.slot));
    if (whole) {
      const { name, dataType, dims } = tensor;
      edit.replaceInitializer(name, hole(name, dataType, dims.with(axis, width)));
      return [{ ...of, name, turned: false, dataType }];
    }
    return entries.map((entry) => {
      const turned = entry.seenAxis !== axis && tensor.dims.length === 2;
      const dataType = typeAt(view, entry.node.inputs[entry.slot], tensor.dataType);
      const dims = tensor.dims.with(axis, width);
      const name = edit.freshName(`${tensor.name}_narrow`);
      edit.addInitializer(hole(name, dataType, turned ? dims.toReversed() : dims));
      wiring.read(entry.node, entry.slot, name);
      return { ...of, name, turned, dataType };
    });
  });
}

export function hole(name: string, dataType: number, dims: readonly number[]): Tensor {
  return { name, dataType, dims, data: plannedData(byteLengthOf(dataType, dims)) };
}

/** Who reads an initializer in the end, behind transposes and casts. */
export function readersInTheEnd(
  view: GraphView,
  value: string,
): { readonly node: Node; readonly slot: number }[] {
  return view.uses(value).flatMap(({ node: at, slot }) => {
    const node = view.nodes[at];
    const passes = isOp(node, 'Transpose', 'Identity', 'Cast');
    return passes ? readersInTheEnd(view, node.outputs[0]) : [{ node, slot }];
  });
}

/** The element type a value has behind casts. */
export function typeAt(view: GraphView, value: string, stored: number): number {
  const node = view.maker(value);
  if (node === undefined) return stored;
  if (isOp(node, 'Cast')) return intAttribute(node, 'to', stored);
  return typeAt(view, node.inputs[0], stored);
}
