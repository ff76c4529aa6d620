import type { GraphView } from '../../../anatomy/view.ts';
import { isFused, isOp } from '../../../anatomy/operators.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { intAttribute, intsAttribute } from '../../../onnx/graph/attributes.ts';
import { bodyOf, BRANCHES, mainBranchOf } from '../../../onnx/branches/record.ts';
import type { Node, Tensor } from '../../../onnx/types.ts';

/** A stored tensor with one row (or column) per token, and who reads it. */
export interface TokenTensor {
  readonly tensor: Tensor;
  readonly axis: number;
}

/** Where a graph has one place per token: what a smaller vocabulary changes. */
export interface TokenAxis {
  /** Stored tensors by name. */
  readonly tensors: ReadonlyMap<string, TokenTensor>;
  /** Computed values whose last axis counts tokens. */
  readonly scores: ReadonlySet<string>;
  /** Reshapes to a shape that names the number of tokens. */
  readonly reshapes: readonly { readonly node: Node; readonly shape: Tensor }[];
  /** Values that are looked up: ids of tokens. */
  readonly indices: ReadonlySet<string>;
}

interface Draft {
  readonly view: GraphView;
  readonly size: number;
  readonly tensors: Map<string, TokenTensor>;
  readonly scores: Set<string>;
  readonly reshapes: { readonly node: Node; readonly shape: Tensor }[];
  readonly indices: Set<string>;
  readonly open: (() => void)[];
}

const POINTWISE =
  /^(Identity|Cast|Dropout|Softmax|LogSoftmax|Tanh|Sigmoid|Relu|Neg|Exp|Log|Clip|Abs|Sqrt)$/;
const ARITHMETIC = /^(Add|Sub|Mul|Div|Pow|Max|Min|Where)$/;
/** They look at the scores of all tokens and hand on none of them, or ids of the model's own tokens. */
const ENDS =
  /^(ArgMax|TopK|Shape|Size|ReduceMax|ReduceMin|ReduceSum|ReduceMean|ReduceLogSumExp|ReduceL2)$/;

/**
 * Follows the axis that counts tokens from the given tensors (tables and heads) through everything that has it, up to
 * the graph's outputs. Throws `vocabulary-uncut` where something reads it that a smaller vocabulary would break.
 */
export function followTokens(
  view: GraphView,
  size: number,
  starts: readonly TokenTensor[],
): TokenAxis {
  const draft: Draft = {
    ...{ view, size, tensors: new Map(), scores: new Set(), reshapes: [], indices: new Set() },
    open: [],
  };
  for (const { tensor, axis } of starts) addTensor(draft, tensor, axis);
  for (let next = draft.open.pop(); next; next = draft.open.pop()) next();
  return draft;
}

function addTensor(draft: Draft, tensor: Tensor, axis: number): void {
  if (draft.tensors.has(tensor.name)) return;
  draft.tensors.set(tensor.name, { tensor, axis });
  draft.open.push(() => followTensor(draft, tensor.name, axis));
}

function followTensor(draft: Draft, name: string, axis: number): void {
  for (const { node: at, slot } of draft.view.uses(name)) {
    const node = draft.view.nodes[at];
    const [output] = node.outputs;
    if (isOp(node, 'Identity', 'Cast')) followTensor(draft, output, axis);
    else if (isOp(node, 'Transpose')) followTensor(draft, output, turned(node, axis));
    else if (isLookUp(node, slot, axis)) draft.indices.add(node.inputs[slot === 2 ? 0 : 1]);
    else if (scores(node, slot, axis)) addScores(draft, output);
    else if (isAdded(draft, node, name, axis)) addScores(draft, output);
    else throw uncut(node);
  }
}

/** A bias: it was found by the scores it is added to. */
function isAdded({ tensors }: Draft, node: Node, name: string, axis: number): boolean {
  const last = tensors.get(name)?.tensor.dims.length === axis + 1;
  return last && (ARITHMETIC.test(node.opType) || isOp(node, 'Gemm'));
}

function turned(node: Node, axis: number): number {
  return (intsAttribute(node, 'perm') ?? [1, 0]).indexOf(axis);
}

function isLookUp(node: Node, slot: number, axis: number): boolean {
  if (isFused(node, 'EmbedLayerNormalization')) return slot === 2 && axis === 0;
  return isOp(node, 'Gather') && slot === 0 && axis === 0 && intAttribute(node, 'axis', 0) === 0;
}

/** A product whose result has a column per token. */
function scores(node: Node, slot: number, axis: number): boolean {
  const product = isOp(node, 'MatMul', 'Gemm') || isFused(node, 'FusedMatMul');
  const wanted = intAttribute(node, 'transB', 0) === 1 ? 0 : 1;
  return product && slot === 1 && axis === wanted;
}

function addScores(draft: Draft, value: string): void {
  if (draft.scores.has(value)) return;
  draft.scores.add(value);
  draft.open.push(() => followScores(draft, value));
}

function followScores(draft: Draft, value: string): void {
  addBias(draft, value);
  for (const output of deliveredAs(draft.view.nodes, value)) addScores(draft, output);
  for (const { node: at, slot } of draft.view.uses(value)) {
    const node = draft.view.nodes[at];
    if (ENDS.test(node.opType)) continue;
    if (isOp(node, 'Reshape') && slot === 0) addReshape(draft, node);
    else if (ARITHMETIC.test(node.opType)) addSum(draft, node, value);
    else if (!handsOn(node, slot)) throw uncut(node);
    addScores(draft, node.outputs[0]);
  }
}

/** Picks positions or examples, not tokens: a Slice of them, a Gather of one of them. */
function handsOn(node: Node, slot: number): boolean {
  if (slot !== 0) return false;
  if (POINTWISE.test(node.opType) || isOp(node, 'Slice')) return true;
  return isOp(node, 'Gather') && [0, 1].includes(intAttribute(node, 'axis', 0));
}

/** Under which names the branches of a merged decoder hand a value on. */
function deliveredAs(nodes: readonly Node[], value: string): string[] {
  return nodes
    .filter((node) => mainBranchOf(node) !== undefined)
    .flatMap((node) =>
      BRANCHES.flatMap((branch) =>
        (bodyOf(node, branch)?.outputs ?? []).flatMap(({ name }, at) =>
          name === value ? [node.outputs[at]] : [],
        ),
      ),
    );
}

/** C of the Gemm that makes the scores. */
function addBias(draft: Draft, value: string): void {
  const maker = draft.view.maker(value);
  if (maker && isOp(maker, 'Gemm') && maker.inputs.length > 2) addOperand(draft, maker.inputs[2]);
}

function addSum(draft: Draft, node: Node, value: string): void {
  for (const input of node.inputs) if (input !== value) addOperand(draft, input);
}

function addOperand({ view, size, ...draft }: Draft, value: string): void {
  const tensor = view.tensor(value);
  const last = tensor?.dims.at(-1);
  if (tensor === undefined || last !== size) return;
  if (view.initializer(value) === undefined) throw constantNode(value);
  addTensor({ view, size, ...draft }, tensor, tensor.dims.length - 1);
}

function addReshape({ view, reshapes }: Draft, node: Node): void {
  const shape = view.tensor(node.inputs[1]);
  if (shape === undefined) throw uncut(node);
  reshapes.push({ node, shape });
}

function uncut(node: Node): LatheError {
  return new LatheError(
    'vocabulary-uncut',
    `The table or the scores of the tokens go into the operator ${node.opType} ("${node.outputs[0]}"), where it is not known how they are counted, so none can be taken out; leave this step out.`,
    { operator: node.opType },
  );
}

function constantNode(value: string): LatheError {
  return new LatheError(
    'vocabulary-uncut',
    `A constant per token ("${value}") lies inside a node, where it cannot be cut; leave this step out.`,
  );
}
