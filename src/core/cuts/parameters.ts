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
  const { elements, ones = false } = parameter;
  const told = graph.shapes.elements(value) ?? elements.map(() => undefined);
  const fits = (element: Dim): boolean =>
    element === -1 || element === 0 || (ones && element === 1);
  const wrong = elements.flatMap((size, at) =>
    size === undefined || told[at] === size || fits(told[at]) ? [] : [at],
  );
  if (wrong.length === 0) return value;
  const free = parameter.open === true && !told.includes(-1);
  const target = told.map((size, at): Dim => {
    if (!wrong.includes(at)) return size;
    return typeof elements[at] === 'number' ? elements[at] : free ? -1 : undefined;
  });
  return exchanged({ graph, edit, parameter }, value, target, wrong) ?? value;
}

interface Fitting {
  readonly graph: CutGraph;
  readonly edit: GraphEditor;
  readonly parameter: Parameter;
}

/** A vector that says `target` where it was `wrong`; undefined where it cannot be made. */
function exchanged(
  fitting: Fitting,
  value: string,
  target: readonly Dim[],
  wrong: readonly number[],
): string | undefined {
  const { graph, edit } = fitting;
  const numbers = target.filter((size) => typeof size === 'number');
  if (numbers.length === target.length) return vector(edit, value, numbers);
  const node = graph.index.producer(value)?.node;
  const pieces = node && piecesOf(graph, node);
  if (pieces && node) return concatenated(fitting, node, pieces, target, wrong);
  if (target.length === 1) return rescaled(fitting, value);
  return wrong.every((at) => typeof target[at] === 'number')
    ? spliced(edit, value, target, wrong)
    : undefined;
}

function concatenated(
  fitting: Fitting,
  node: Node,
  pieces: readonly number[],
  target: readonly Dim[],
  wrong: readonly number[],
): string | undefined {
  const inputs: string[] = [];
  for (const [i, input] of node.inputs.entries()) {
    const [from, to] = [pieces[i], pieces[i + 1]];
    const inside = wrong.filter((at) => at >= from && at < to).map((at) => at - from);
    const own =
      inside.length === 0 ? input : exchanged(fitting, input, target.slice(from, to), inside);
    if (own === undefined) return undefined;
    inputs.push(own);
  }
  return made(fitting.edit, { ...node, inputs });
}

/** Operators that hand one number on. */
const CARRIES = ['Unsqueeze', 'Squeeze', 'Identity', 'Cast', 'Reshape'];

/** A number computed as a product with a constant (batch·heads), the constant being smaller. */
function rescaled(fitting: Fitting, value: string): string | undefined {
  const { graph, edit, parameter } = fitting;
  const node = graph.index.producer(value)?.node;
  const { scale } = parameter;
  if (node === undefined || scale === undefined) return undefined;
  if (CARRIES.includes(node.opType)) {
    const inner = rescaled(fitting, node.inputs[0]);
    return inner && made(edit, { ...node, inputs: [inner, ...node.inputs.slice(1)] });
  }
  if (node.opType !== 'Mul') return undefined;
  const constants = node.inputs.map((input) => graph.shapes.elements(input)?.[0]);
  const at = constants.findIndex(
    (factor) => typeof factor === 'number' && (factor * scale.by) % scale.of === 0,
  );
  if (at < 0) return undefined;
  const factor = (Number(constants[at]) * scale.by) / scale.of;
  const rank = graph.dims(node.inputs[at])?.length ?? 0;
  const constant = vector(edit, node.inputs[at], [factor], rank);
  return made(edit, { ...node, inputs: node.inputs.with(at, constant) });
}

/** A copy of a node under a name of its own. */
function made(edit: GraphEditor, node: Node): string {
  const output = edit.freshName(`${node.outputs[0]}_cut`);
  edit.addNodes({ ...node, name: '', outputs: [output] });
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

function vector(edit: GraphEditor, value: string, numbers: readonly number[], rank = 1): string {
  const name = edit.freshName(`${value}_cut`);
  const dims = rank === 0 ? [] : [numbers.length];
  edit.addInitializer(makeTensor(name, dims, BigInt64Array.from(numbers, BigInt)));
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
