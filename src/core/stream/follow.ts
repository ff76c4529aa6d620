import { findNorms, type Norm } from '../anatomy/norms.ts';
import { isFused, isOp } from '../anatomy/operators.ts';
import { isSkipNorm } from '../anatomy/residual.ts';
import type { GraphView } from '../anatomy/view.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { intAttribute, intsAttribute } from '../onnx/graph/attributes.ts';
import type { Node, Tensor } from '../onnx/types.ts';
import { normBetween, type StreamNorm } from './stream-norm.ts';

/** A stored tensor one of whose axes is the stream's. */
export interface StreamTensor {
  readonly tensor: Tensor;
  readonly axis: number;
  /** Where a weight or constant enters the graph: a node that reads it, at which input. */
  readonly node: Node;
  readonly slot: number;
  /** The axis as that node sees it, behind transposes. */
  readonly seenAxis: number;
}

/** A linear map of a normed copy of the stream. */
export interface Reader extends StreamTensor {
  /** Its place among the norms. */
  readonly norm: number;
}

/** The residual stream: everything that has its width. */
export interface Stream {
  /** What is written into it: weights, tables and constants. */
  readonly writers: readonly StreamTensor[];
  readonly norms: readonly StreamNorm[];
  readonly readers: readonly Reader[];
  /** Norms (by place) whose output is turned back for all that read it, and why. */
  readonly back: ReadonlyMap<number, string>;
  /** Shapes that name the width: of Reshape and Expand, and at which place, counted from the end. */
  readonly shapes: readonly { readonly node: Node; readonly fromEnd: number }[];
  /** Values that have the width. */
  readonly values: ReadonlySet<string>;
}

/** What a method says where it cannot work on a stream. */
export interface StreamWords {
  /** Why nothing goes on: "its columns cannot be cut". */
  readonly uncut: string;
  /** What to do where a norm lies on the stream: "cut heads or neurons instead". */
  readonly postNorm: string;
  /** What reads a norm in a way that is not known may get its columns as they were. */
  readonly turnsBack?: true;
}

interface Draft {
  readonly words: StreamWords;
  readonly view: GraphView;
  readonly width: number;
  readonly normsOf: ReadonlyMap<string, readonly Norm[]>;
  readonly normMaking: ReadonlySet<string>;
  readonly writers: StreamTensor[];
  readonly norms: StreamNorm[];
  readonly readers: Reader[];
  readonly back: Map<number, string>;
  readonly shapes: Stream['shapes'][number][];
  /** Values by the place of the width among their axes, counted from the end. */
  readonly seen: Map<string, number>;
  readonly open: (() => void)[];
}

const KEEPS = /^(Identity|Cast|Dropout|Slice|Squeeze|Unsqueeze)$/;

/**
 * Follows the residual stream of `width` columns from one of its values, back to what writes it and on to the norms
 * that read it and the linear maps behind these. Throws `stream-uncut` where something else reads or writes it, and
 * `stream-post-norm` where a norm lies on it.
 */
export function followStream(
  view: GraphView,
  width: number,
  start: string,
  words: StreamWords,
): Stream {
  const found = findNorms(view);
  const normsOf = new Map<string, Norm[]>();
  for (const norm of found) normsOf.set(norm.input, [...(normsOf.get(norm.input) ?? []), norm]);
  const draft: Draft = {
    ...{ words, view, width, normsOf, normMaking: new Set(found.map(({ output }) => output)) },
    ...{
      writers: [],
      norms: [],
      readers: [],
      back: new Map(),
      shapes: [],
      seen: new Map(),
      open: [],
    },
  };
  visit(draft, start, 0);
  for (let next = draft.open.pop(); next; next = draft.open.pop()) next();
  return { ...draft, values: new Set(draft.seen.keys()) };
}

function visit(draft: Draft, value: string, fromEnd: number): void {
  if (value === '' || draft.seen.has(value)) return;
  draft.seen.set(value, fromEnd);
  draft.open.push(() => {
    back(draft, value, fromEnd);
    forward(draft, value, fromEnd);
  });
}

function back(draft: Draft, value: string, fromEnd: number): void {
  const { view } = draft;
  const node = view.maker(value);
  if (node === undefined) return;
  if (draft.normMaking.has(value) || (isSkipNorm(node) && value === node.outputs[0]))
    throw postNorm(draft.words, value);
  const [data, weight, third] = node.inputs;
  if (isOp(node, 'Add') || isSkipNorm(node)) return addTerms(draft, node, fromEnd);
  if (isOp(node, 'Mul', 'Div') && isScalar(view, weight)) return visit(draft, data, fromEnd);
  if (isOp(node, 'Mul') && isScalar(view, data)) return visit(draft, weight, fromEnd);
  if (isProduct(node)) return addWriter(draft, node, 1, turnedIn(node) ? 0 : 1);
  if (isOp(node, 'Gemm') || isOp(node, 'Conv')) {
    addWriter(draft, node, 1, isOp(node, 'Conv') || turnedIn(node) ? 0 : 1);
    if (third) addWriter(draft, node, 2, 0);
    return;
  }
  const table = isOp(node, 'Gather') ? rankOf(view, data) : undefined;
  if (table !== undefined) return addWriter(draft, node, 0, table - 1);
  if (isOp(node, 'Concat')) {
    node.inputs.forEach((input, slot) => addTerm(draft, node, slot, input, fromEnd));
    return;
  }
  passBack(draft, node, fromEnd);
}

/** Operators that only move what they are given. */
function passBack(draft: Draft, node: Node, fromEnd: number): void {
  const [data] = node.inputs;
  if (isOp(node, 'Transpose')) {
    const perm = intsAttribute(node, 'perm') ?? [];
    const before = perm[perm.length - 1 - fromEnd];
    return visit(draft, data, perm.length - 1 - before);
  }
  if (isOp(node, 'Reshape', 'Expand')) {
    draft.shapes.push({ node, fromEnd });
    // A Reshape that joins rows and columns of patches leaves the width in front of them.
    const before = isOp(node, 'Reshape') && fromEnd > 0 ? fromEnd + 1 : fromEnd;
    return addTerm(draft, node, 0, data, before);
  }
  if (!KEEPS.test(node.opType) && !isOp(node, 'Gather')) throw uncut(draft.words, node);
  addTerm(draft, node, 0, data, fromEnd);
}

function addTerms(draft: Draft, node: Node, fromEnd: number): void {
  const slots = isSkipNorm(node)
    ? [0, 1, node.opType === 'SkipLayerNormalization' ? 4 : 3]
    : [0, 1];
  for (const slot of slots) addTerm(draft, node, slot, node.inputs[slot] ?? '', fromEnd);
}

/** A stored constant is written into the stream; anything else is followed. */
function addTerm(draft: Draft, node: Node, slot: number, value: string, fromEnd: number): void {
  if (value === '') return;
  const rank = rankOf(draft.view, value);
  if (rank === undefined) return visit(draft, value, fromEnd);
  addWriter(draft, node, slot, rank - 1 - fromEnd);
}

/** Axes of a stored tensor, also behind transposes and casts; undefined for what is computed. */
function rankOf(view: GraphView, value: string): number | undefined {
  return storedBehind(view, value, 0)?.tensor.dims.length;
}

function addWriter(draft: Draft, node: Node, slot: number, seenAxis: number): void {
  const stored = storedBehind(draft.view, node.inputs[slot], seenAxis);
  if (stored === undefined || stored.tensor.dims[stored.axis] !== draft.width)
    throw uncut(draft.words, node);
  if (draft.writers.some((known) => known.node === node && known.slot === slot)) return;
  draft.writers.push({ ...stored, node, slot, seenAxis });
}

/** The initializer behind a value, and which of its axes this one is. */
function storedBehind(view: GraphView, start: string, seenAxis: number) {
  let [value, axis] = [start, seenAxis];
  for (;;) {
    const tensor = view.initializer(value);
    if (tensor !== undefined) return { tensor, axis };
    const node = view.maker(value);
    if (node === undefined || !isOp(node, 'Transpose', 'Identity', 'Cast')) return undefined;
    if (isOp(node, 'Transpose')) axis = (intsAttribute(node, 'perm') ?? [1, 0])[axis];
    [value] = node.inputs;
  }
}

function forward(draft: Draft, value: string, fromEnd: number): void {
  const { view } = draft;
  if (view.outputs.has(value)) throw delivered(value);
  const inside = new Set<Node>();
  for (const norm of draft.normsOf.get(throughCasts(view, value)) ?? []) {
    const made = normBetween(view, norm);
    for (const node of made.nodes) inside.add(node);
    addNorm(draft, made);
  }
  for (const { node: at, slot } of view.uses(value)) {
    const node = view.nodes[at];
    // A cast that begins a norm is the stream, too: others may read it.
    if (isOp(node, 'Shape') || (inside.has(node) && !isOp(node, 'Cast', 'Identity'))) continue;
    if (isSkipNorm(node)) addSkipNorm(draft, node, fromEnd);
    else onward(draft, node, slot, fromEnd);
  }
}

function onward(draft: Draft, node: Node, slot: number, fromEnd: number): void {
  const [output] = node.outputs;
  if (isOp(node, 'Add', 'Concat') || (slot === 0 && KEEPS.test(node.opType)))
    return visit(draft, output, fromEnd);
  const { view } = draft;
  if (isOp(node, 'Mul', 'Div') && isScalar(view, node.inputs[1 - slot]))
    return visit(draft, output, fromEnd);
  // The last axis is the stream's: picking along another keeps it.
  if (isOp(node, 'Gather') && slot === 0 && [0, 1].includes(intAttribute(node, 'axis', 0)))
    return visit(draft, output, fromEnd);
  if (isOp(node, 'Reshape', 'Expand') && slot === 0 && fromEnd === 0)
    return visit(draft, output, 0);
  if (isOp(node, 'Transpose', 'Reshape') && slot === 0 && draft.seen.has(output)) return;
  throw uncut(draft.words, node);
}

/** A join with the norm behind it in one operator. */
function addSkipNorm(draft: Draft, node: Node, fromEnd: number): void {
  if (draft.norms.some(({ nodes }) => nodes.includes(node))) return;
  addTerms(draft, node, fromEnd);
  const kind = node.opType === 'SkipLayerNormalization' ? 'layer-norm' : 'rms-norm';
  if (node.outputs[3]) visit(draft, node.outputs[3], fromEnd);
  addNorm(
    draft,
    normBetween(draft.view, { kind, input: node.outputs[3] ?? '', output: node.outputs[0] }, node),
  );
}

/** Norms are known by the value in front of the casts that they begin with. */
function throughCasts(view: GraphView, value: string): string {
  const node = view.maker(value);
  return node && isOp(node, 'Cast', 'Identity') ? throughCasts(view, node.inputs[0]) : value;
}

function addNorm(draft: Draft, norm: StreamNorm): void {
  if (draft.norms.some(({ output }) => output === norm.output)) return;
  const at = draft.norms.push(norm) - 1;
  draft.open.push(() => {
    const [readers, shapes] = [draft.readers.length, draft.shapes.length];
    try {
      followNormed(draft, norm.output, at);
    } catch (error) {
      if (!(error instanceof LatheError) || !mayTurnBack(draft.words, error)) throw error;
      draft.readers.length = readers;
      draft.shapes.length = shapes;
      draft.back.set(at, norm.output);
    }
  });
}

/** A norm that goes on as the stream says that there is another one behind it. */
function mayTurnBack({ turnsBack }: StreamWords, { code }: LatheError): boolean {
  return turnsBack === true && (code === 'stream-uncut' || code === 'stream-delivered');
}

/** What reads a normed copy: linear maps, or nothing that knows of the stream's columns. */
function followNormed(draft: Draft, value: string, norm: number): void {
  const { view } = draft;
  if (view.outputs.has(value)) throw delivered(value);
  for (const { node: at, slot } of view.uses(value)) {
    const node = view.nodes[at];
    if (isOp(node, 'Shape')) continue;
    if (isOp(node, 'Add') || isSkipNorm(node)) throw postNorm(draft.words, value);
    const product = isProduct(node) || isOp(node, 'Gemm') || isAttention(node);
    if (product && slot === 0) addReader(draft, node, norm);
    else if (slot === 0 && movesNormed(node)) {
      if (isOp(node, 'Reshape')) draft.shapes.push({ node, fromEnd: 0 });
      followNormed(draft, node.outputs[0], norm);
    } else if (scalesNormed(draft, node, slot, norm)) {
      followNormed(draft, node.outputs[0], norm);
    } else throw uncut(draft.words, node);
  }
}

/** One factor for all columns, as T5 has before its tied head. With a shift the readers' biases would not know of it. */
function scalesNormed({ view, norms }: Draft, node: Node, slot: number, norm: number): boolean {
  const divides = isOp(node, 'Div') && slot === 0;
  const scalar = isScalar(view, node.inputs[1 - slot] ?? '');
  return (divides || isOp(node, 'Mul')) && scalar && norms[norm].shift === undefined;
}

function isProduct(node: Node): boolean {
  return isOp(node, 'MatMul') || isFused(node, 'FusedMatMul');
}

function turnedIn(node: Node): boolean {
  return intAttribute(node, 'transB', 0) === 1;
}

function isAttention({ domain, opType }: Node): boolean {
  return domain === 'com.microsoft' && opType === 'Attention';
}

function movesNormed(node: Node): boolean {
  return (
    KEEPS.test(node.opType) ||
    isOp(node, 'Reshape') ||
    (isOp(node, 'Gather') && intAttribute(node, 'axis', 0) < 2)
  );
}

function addReader(draft: Draft, node: Node, norm: number): void {
  const seenAxis = turnedIn(node) ? 1 : 0;
  const stored = storedBehind(draft.view, node.inputs[1], seenAxis);
  if (stored === undefined || stored.tensor.dims[stored.axis] !== draft.width)
    throw uncut(draft.words, node);
  draft.readers.push({ ...stored, node, slot: 1, seenAxis, norm });
}

function isScalar(view: GraphView, value: string): boolean {
  const tensor = view.tensor(value);
  return tensor !== undefined && tensor.dims.every((d) => d === 1);
}

/** A norm whose output goes on as the stream. */
export function postNorm({ postNorm: instead }: StreamWords, value: string): LatheError {
  return new LatheError(
    'stream-post-norm',
    `In this model a norm lies on the residual stream itself ("${value}", post-norm as in BERT), so the stream cannot be turned without changing what the norm gives; ${instead}.`,
    { value },
  );
}

function delivered(value: string): LatheError {
  return new LatheError(
    'stream-delivered',
    `The model hands its hidden states out ("${value}"), and whoever reads them expects all columns; leave this step out.`,
    { value },
  );
}

function uncut({ uncut: undone }: StreamWords, node: Node): LatheError {
  return new LatheError(
    'stream-uncut',
    `The residual stream meets the operator ${node.opType} ("${node.outputs[0]}") in a way that is not known here, so ${undone}; leave this step out.`,
    { operator: node.opType },
  );
}
