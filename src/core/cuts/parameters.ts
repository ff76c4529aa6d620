import { intAttribute } from '../onnx/graph/attributes.ts';
import { editGraph, type GraphEditor } from '../onnx/graph/edit.ts';
import { makeNode, makeTensor } from '../onnx/graph/make.ts';
import type { Dim } from '../onnx/shape/dimension.ts';
import type { Model, Node } from '../onnx/types.ts';
import { cutGraph, type CutGraph } from './graph.ts';
import type { Parameter } from './site.ts';

/** What the node that makes `output` must be told. */
export interface Wanted {
  readonly output: string;
  readonly parameter: Parameter;
}

/**
 * The model with inputs that say sizes (of a Reshape, of parts of a Split) saying the right ones. What the graph computes
 * from shapes may be right already; constants, and sizes computed from constants, are exchanged, for this reader alone.
 */
export function fitParameters(model: Model, wanted: readonly Wanted[]): Model {
  const graph = cutGraph(model);
  const edit = editGraph(model.graph);
  const changed = new Map<Node, string[]>();
  for (const { output, parameter } of wanted) {
    const node = graph.index.producer(output)?.node;
    if (node === undefined) continue;
    const inputs = changed.get(node) ?? [...node.inputs];
    const value = fitted(graph, edit, inputs[parameter.slot], parameter);
    if (value === inputs[parameter.slot]) continue;
    inputs[parameter.slot] = value;
    changed.set(node, inputs);
  }
  for (const [node, inputs] of changed) edit.replaceNode(node, { ...node, inputs });
  if (changed.size > 0) edit.removeUnused();
  return changed.size === 0 ? model : { ...model, graph: edit.finish() };
}

/** The value itself when it says what is wanted, else one that does. */
function fitted(graph: CutGraph, edit: GraphEditor, value: string, parameter: Parameter): string {
  const { elements, open = false, ones = false } = parameter;
  const told = graph.shapes.elements(value) ?? elements.map(() => undefined);
  const fits = (element: Dim): boolean =>
    element === -1 || element === 0 || (ones && element === 1);
  const wrong = elements.flatMap((size, at) =>
    size === undefined || told[at] === size || fits(told[at]) ? [] : [at],
  );
  if (wrong.length === 0) return value;
  const free = open && !told.includes(-1);
  const target = elements.map((size, at): Dim => {
    if (!wrong.includes(at)) return told[at];
    return typeof size === 'number' ? size : free ? -1 : undefined;
  });
  if (wrong.some((at) => target[at] === undefined)) return value;
  return exchanged(graph, edit, value, target, wrong);
}

function exchanged(
  graph: CutGraph,
  edit: GraphEditor,
  value: string,
  target: readonly Dim[],
  wrong: readonly number[],
): string {
  const numbers = target.filter((size) => typeof size === 'number');
  if (numbers.length === target.length) return vector(edit, value, numbers);
  const node = graph.index.producer(value)?.node;
  const pieces = node && piecesOf(graph, node);
  if (pieces === undefined || node === undefined) return spliced(edit, value, target, wrong);
  const inputs = node.inputs.map((input, i) => {
    const at = wrong.find((place) => place >= pieces[i] && place < pieces[i + 1]);
    if (at === undefined) return input;
    const own = target.slice(pieces[i], pieces[i + 1]);
    const inside = wrong.filter((place) => place >= pieces[i] && place < pieces[i + 1]);
    return exchanged(
      graph,
      edit,
      input,
      own,
      inside.map((place) => place - pieces[i]),
    );
  });
  const output = edit.freshName(`${value}_cut`);
  edit.addNodes(makeNode(node.opType, inputs, [output], { axis: 0 }));
  return output;
}

/** Where the inputs of a Concat of vectors begin and end. */
function piecesOf(graph: CutGraph, node: Node): number[] | undefined {
  if (node.opType !== 'Concat' || intAttribute(node, 'axis', 0) !== 0) return undefined;
  const ends = [0];
  for (const input of node.inputs) {
    const [size] = graph.dims(input) ?? [];
    if (typeof size !== 'number') return undefined;
    ends.push(ends[ends.length - 1] + size);
  }
  return ends;
}

function vector(edit: GraphEditor, value: string, numbers: readonly number[]): string {
  const name = edit.freshName(`${value}_cut`);
  edit.addInitializer(makeTensor(name, [numbers.length], BigInt64Array.from(numbers, BigInt)));
  return name;
}

/** A computed vector with some elements exchanged: its parts around them, with constants between. */
function spliced(
  edit: GraphEditor,
  value: string,
  target: readonly Dim[],
  wrong: readonly number[],
): string {
  const parts: string[] = [];
  let from = 0;
  for (const at of [...wrong, target.length]) {
    if (at > from) parts.push(part(edit, value, from, at));
    if (at < target.length) parts.push(vector(edit, value, [Number(target[at])]));
    from = at + 1;
  }
  const output = edit.freshName(`${value}_cut`);
  edit.addNodes(makeNode('Concat', parts, [output], { axis: 0 }));
  return output;
}

function part(edit: GraphEditor, value: string, from: number, to: number): string {
  const output = edit.freshName(`${value}_part`);
  const [start, end] = [vector(edit, value, [from]), vector(edit, value, [to])];
  edit.addNodes(makeNode('Slice', [value, start, end], [output]));
  return output;
}
