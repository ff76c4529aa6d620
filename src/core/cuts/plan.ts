import { LatheError } from '../errors/lathe-error.ts';
import { attribute, tensorAttribute } from '../onnx/graph/attributes.ts';
import { editGraph, type GraphEditor } from '../onnx/graph/edit.ts';
import { makeAttribute } from '../onnx/graph/make.ts';
import { divideExactly, multiplyDims, type Dim } from '../onnx/shape/dimension.ts';
import { plannedData } from '../onnx/tensor-data.ts';
import type { Attribute, Model, Node, Tensor } from '../onnx/types.ts';
import { byteLengthOf } from '../tensor/data-type.ts';
import { declareSizes } from './declared.ts';
import { cutGraph, type CutGraph } from './graph.ts';
import type { CutGroup } from './group.ts';
import { keptCount, type Labels } from './labels.ts';
import { fitParameters, type Wanted } from './parameters.ts';
import { insertRepeat } from './repeat.ts';
import { ruleOf } from './rules/index.ts';
import type { Mark, Settings } from './site.ts';
import { called, siteOf } from './spread.ts';

/** How many members of a group stay. */
export interface GroupCut {
  readonly group: CutGroup;
  readonly keep: number;
}

/** A stored tensor that becomes shorter: which of its indices belong to which member of the group. */
export interface Piece {
  readonly tensor: string;
  readonly axis: number;
  readonly labels: Labels;
  readonly group: CutGroup;
}

export interface FailedCut {
  readonly group: CutGroup;
  /** A whole sentence. */
  readonly reason: string;
}

/** A smaller graph. */
export interface CutPlan {
  /** The graph as it will be; every tensor that was cut is a hole of its new size, under its old name. */
  readonly model: Model;
  readonly pieces: readonly Piece[];
  /** Groups that could not be cut after all; the rest was. */
  readonly failed: readonly FailedCut[];
}

/**
 * The model with so many members of each group left: weights become holes, and shapes, sizes in constants, attributes
 * and declared inputs and outputs follow. Which members stay is the run's to say (`fillPieces`). Shapes are inferred
 * anew and compared with what must come out; a group that then disagrees stays whole and is in `failed`.
 */
export function planCut(model: Model, cuts: readonly GroupCut[]): CutPlan {
  const failed: FailedCut[] = [];
  let rest = cuts.filter(({ group, keep }) => keep < group.members);
  for (;;) {
    if (rest.length === 0) return { model, pieces: [], failed };
    try {
      return { ...cutOnce(model, rest), failed };
    } catch (error) {
      if (!(error instanceof GroupFailure)) throw error;
      failed.push({ group: error.group, reason: error.message });
      rest = rest.filter(({ group }) => group !== error.group);
    }
  }
}

/** A group that turned out not to fit; the plan goes on without it. */
class GroupFailure extends LatheError {
  constructor(
    readonly group: CutGroup,
    reason: string,
  ) {
    super('cut-coupled', reason);
  }
}

interface OwnMark extends Mark {
  readonly cut: GroupCut;
}

function cutOnce(model: Model, cuts: readonly GroupCut[]): Pick<CutPlan, 'model' | 'pieces'> {
  const graph = cutGraph(model);
  const marks = allMarks(cuts);
  const after = (value: string) => sizesAfter(graph, value, marks.get(value));
  const edit = editGraph(model.graph);
  const pieces = cutTensors(graph, edit, marks, after);
  declareSizes(edit, model.graph, (value) => (marks.has(value) ? after(value) : undefined));
  const wanted = setNodes(graph, edit, marks, cuts, after);
  for (const cut of cuts) repeatAtWalls(graph, edit, cut, after);
  const resized = { ...model, graph: edit.finish() };
  const fitted = fitParameters(resized, wanted);
  check(graph, cutGraph(fitted), marks, after);
  return { model: fitted, pieces };
}

/** Every mark with its group. A value that two groups cut is left to the first. */
function allMarks(cuts: readonly GroupCut[]): ReadonlyMap<string, OwnMark> {
  const all = new Map<string, OwnMark>();
  for (const cut of cuts) {
    for (const [value, mark] of cut.group.marks) {
      const taken = all.get(value);
      if (taken) {
        throw new GroupFailure(cut.group, `"${value}" is cut with "${taken.cut.group.name}", too`);
      }
      all.set(value, { ...mark, cut });
    }
  }
  return all;
}

/** Indices that stay. Throws `cut-coupled` where that depends on which members go. */
function count(labels: Labels, { group, keep }: GroupCut): number {
  const found = keptCount(labels, group.members, keep);
  if (found === undefined) {
    throw new GroupFailure(group, 'members of the cut have parts of different sizes');
  }
  return found;
}

function sizesAfter(graph: CutGraph, value: string, mark: OwnMark | undefined) {
  const dims = graph.dims(value);
  if (dims === undefined || mark === undefined) return dims;
  const { axis, labels, cut } = mark;
  const kept = count(labels, cut);
  return dims.map((dim, at): Dim =>
    at === axis ? divideExactly(multiplyDims(dim, kept), labels.length) : dim,
  );
}

type After = (value: string) => readonly Dim[] | undefined;

function cutTensors(
  graph: CutGraph,
  edit: GraphEditor,
  marks: ReadonlyMap<string, OwnMark>,
  after: After,
): Piece[] {
  return [...marks].flatMap(([value, { axis, labels, cut }]): Piece[] => {
    const tensor = graph.index.initializer(value);
    const node = graph.index.producer(value)?.node;
    const inside = node && tensorAttribute(node, 'value');
    if (!tensor && !(node?.opType === 'Constant' && inside)) return [];
    const hole = smaller(tensor ?? inside, value, after(value));
    if (tensor) edit.replaceInitializer(value, hole);
    else if (node) {
      edit.removeNode(node);
      edit.addInitializer(hole);
    }
    return [{ tensor: value, axis, labels, group: cut.group }];
  });
}

function smaller(tensor: Tensor | undefined, name: string, sizes: readonly Dim[] = []): Tensor {
  const dims = sizes.map(Number);
  const dataType = tensor?.dataType ?? 0;
  return { name, dataType, dims, data: plannedData(byteLengthOf(dataType, dims)) };
}

/** Attributes at once; what inputs must say is wanted of the graph when it has its new shapes. */
function setNodes(
  graph: CutGraph,
  edit: GraphEditor,
  marks: ReadonlyMap<string, OwnMark>,
  cuts: readonly GroupCut[],
  after: After,
): Wanted[] {
  const wanted: Wanted[] = [];
  for (const [node, cut] of touched(graph, marks, cuts)) {
    const { attributes, inputs } = settingsOf(graph, node, cut, after);
    const changed = attributes ? withAttributes(node, attributes) : node;
    if (changed !== node) edit.replaceNode(node, changed);
    wanted.push(
      ...(inputs ?? []).map((parameter) => ({
        output: node.outputs[0],
        opset: graph.opset,
        parameter,
      })),
    );
  }
  return wanted;
}

/** Nodes in front of which a cut ends read what is left of a value as often as it takes to be as long as it was. */
function repeatAtWalls(graph: CutGraph, edit: GraphEditor, cut: GroupCut, after: After): void {
  const { marks, members, options } = cut.group;
  const known = new Map<string, string>();
  const longer = (value: string): string => {
    const [mark, dims] = [marks.get(value), after(value)];
    if (!mark || !dims) return value;
    const { axis, labels } = mark;
    const run = runOf(labels, axis === dims.length - 1);
    const repeat = { value, dims, axis, run, times: members / cut.keep };
    const repeated = known.get(value) ?? insertRepeat(edit, graph.opset, repeat);
    known.set(value, repeated);
    return repeated;
  };
  for (const node of options.walls ?? []) {
    edit.replaceNode(node, { ...node, inputs: node.inputs.map(longer) });
  }
}

/** How many neighbours belong to one member; along other axes than the last, copies of one head lie side by side. */
function runOf(labels: Labels, last: boolean): number {
  const end = labels.findIndex((label) => label !== labels[0]);
  return last && end > 0 ? end : 1;
}

/** The nodes next to marks, each with the group whose it is. */
function touched(
  graph: CutGraph,
  marks: ReadonlyMap<string, OwnMark>,
  cuts: readonly GroupCut[],
): ReadonlyMap<Node, GroupCut> {
  const found = new Map<Node, GroupCut>();
  for (const [value, { cut }] of marks) {
    const maker = graph.index.producer(value)?.node;
    const readers = graph.index.consumers(value);
    for (const node of maker ? [maker, ...readers] : readers) {
      if (!cut.group.options.walls?.has(node)) found.set(node, cut);
    }
  }
  return cuts.length > 0 ? found : new Map();
}

function settingsOf(graph: CutGraph, node: Node, cut: GroupCut, after: After): Settings {
  const { marks, options } = cut.group;
  const site = siteOf(graph, node, options, {
    marks,
    put: () => undefined,
    someOf: () => undefined,
  });
  try {
    const sized = { site, after, count: (labels: Labels) => count(labels, cut) };
    return ruleOf(node)?.settings?.(sized) ?? {};
  } catch (error) {
    if (error instanceof GroupFailure || !(error instanceof LatheError)) throw error;
    throw new GroupFailure(cut.group, error.message);
  }
}

function withAttributes(node: Node, changes: NonNullable<Settings['attributes']>): Node {
  const made = Object.entries(changes)
    .filter(([name]) => attribute(node, name))
    .map(([name, value]): Attribute => makeAttribute(name, value));
  const names = new Set(made.map(({ name }) => name));
  const kept = node.attributes.filter(({ name }) => !names.has(name));
  return made.length > 0 ? { ...node, attributes: [...kept, ...made] } : node;
}

/** Every size that is known must be what the cut makes of it. */
function check(
  before: CutGraph,
  now: CutGraph,
  marks: ReadonlyMap<string, OwnMark>,
  after: After,
): void {
  for (const node of before.model.graph.nodes) {
    for (const value of node.outputs) {
      const [wanted, found] = [after(value), now.dims(value)];
      const same =
        wanted?.length === found?.length && found?.every((dim, at) => agrees(dim, wanted?.[at]));
      if (wanted === undefined || found === undefined || same) continue;
      throw new GroupFailure(
        groupNear(before, node, marks),
        `${called(node)} would make [${text(found)}] where [${text(wanted)}] must come out`,
      );
    }
  }
}

function agrees(found: Dim, wanted: Dim): boolean {
  return found === undefined || wanted === undefined || found === wanted;
}

const text = (dims: readonly Dim[]): string => dims.map((dim) => dim ?? '?').join(', ');

/** The group whose marks are nearest behind a node. */
function groupNear(graph: CutGraph, from: Node, marks: ReadonlyMap<string, OwnMark>): CutGroup {
  const seen = new Set<Node>([from]);
  const open = [from];
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    for (const value of [...node.outputs, ...node.inputs]) {
      const mark = marks.get(value);
      if (mark) return mark.cut.group;
      const maker = graph.index.producer(value)?.node;
      if (maker && !seen.has(maker)) open.push(maker);
      if (maker) seen.add(maker);
    }
  }
  const [first] = marks.values();
  return first.cut.group;
}
