import { ancestors } from '../anatomy/ancestors.ts';
import { findSoftmaxAttention } from '../anatomy/softmax-attention.ts';
import { isOp } from '../anatomy/operators.ts';
import type { AttentionCore } from '../anatomy/core.ts';
import { viewGraph, type GraphView } from '../anatomy/view.ts';
import { product, resolveAxis } from '../autodiff/dims.ts';
import { staticValues } from '../autodiff/static-values.ts';
import type { StaticValues } from '../autodiff/static-types.ts';
import { intAttribute } from '../onnx/graph/attributes.ts';
import type { Model, Node } from '../onnx/types.ts';
import type { AttentionMap } from './losses/attention.ts';
import type { HeadVectors } from './losses/relations.ts';
import type { BlockPlace } from './objective.ts';

/** What one block's self-attention computes with. */
export interface BlockAttention {
  readonly map: AttentionMap;
  /** Undefined where its axes could not be told. */
  readonly query: HeadVectors | undefined;
  readonly key: HeadVectors | undefined;
  readonly value: HeadVectors | undefined;
}

/**
 * Finds the attention of blocks in a model of fixed sizes and primitives (`normalise`), by structure: the
 * one Softmax between the block's entry and its exit whose rows are multiplied with values. `batch` tells
 * heads from examples where exporters keep both on one axis. Gives undefined for a block that has none,
 * several, or one of another form.
 */
export function attentionFinder(
  model: Model,
  batch: number,
): (place: BlockPlace) => BlockAttention | undefined {
  const view = viewGraph(model.graph);
  const values = staticValues(model);
  const cores = findSoftmaxAttention(view);
  return (place) => {
    const inside = nodesBefore(view, place);
    const own = cores.filter(({ node }) => inside.has(node));
    return own.length === 1 ? describe(view, values, own[0], batch) : undefined;
  };
}

/** Nodes the block's exit depends on, up to the other values of the residual stream. */
function nodesBefore(view: GraphView, { output, stream }: BlockPlace): ReadonlySet<number> {
  return ancestors(
    view,
    output,
    stream.filter((value) => value !== output),
  );
}

function describe(
  view: GraphView,
  values: StaticValues,
  core: AttentionCore,
  batch: number,
): BlockAttention | undefined {
  const softmax = view.nodes[core.node];
  const dims = mapDims(values.type(softmax.outputs[0])?.dims, batch);
  if (dims === undefined || !alongLast(softmax, values)) return undefined;
  const vectors = (value: string, turned: boolean) =>
    headVectors(view, values, value, dims, turned);
  const map = { scores: softmax.inputs[0], shares: softmax.outputs[0], dims };
  return {
    map,
    query: vectors(core.query, false),
    key: vectors(core.key, true),
    value: vectors(core.value, false),
  };
}

function alongLast(softmax: Node, values: StaticValues): boolean {
  const rank = values.type(softmax.outputs[0])?.dims.length ?? 0;
  return resolveAxis(intAttribute(softmax, 'axis', -1), rank) === rank - 1;
}

/** [B, N, S, T] of a map that may hold B and N as one axis. */
function mapDims(
  dims: readonly number[] | undefined,
  batch: number,
): AttentionMap['dims'] | undefined {
  if (dims?.length === 4) return [dims[0], dims[1], dims[2], dims[3]];
  if (dims?.length !== 3 || dims[0] % batch !== 0) return undefined;
  return [batch, dims[0] / batch, dims[1], dims[2]];
}

function headVectors(
  view: GraphView,
  values: StaticValues,
  value: string,
  [batch, , queries, keys]: AttentionMap['dims'],
  turned: boolean,
): HeadVectors | undefined {
  const dims = values.type(value)?.dims;
  if (dims === undefined || dims.length < 3 || queries !== keys) return undefined;
  const [rows, columns] = dims.slice(-2);
  const [length, size] = turned ? [columns, rows] : [rows, columns];
  // Heads that share a key lie below each other: their queries are rows of one matrix.
  const heads = product(dims) / (batch * keys * size);
  if (length % keys !== 0 || (turned && length !== keys) || !Number.isInteger(heads)) {
    return undefined;
  }
  const { copies, factor } = origin(view, values, value);
  const whole = heads % copies === 0 && factor !== 0;
  return whole ? { value, dims: [batch, heads, keys, size], turned, copies, factor } : undefined;
}

/** How often heads were repeated on the way to the product, and what they were multiplied with. */
function origin(view: GraphView, values: StaticValues, start: string) {
  let [value, copies, factor] = [start, 1, 1];
  for (let steps = 0; steps < 24; steps++) {
    const node = view.maker(value);
    if (node === undefined) break;
    const scaling = scaledBy(values, node);
    const times = isOp(node, 'Expand', 'Tile') ? repeats(values, node) : undefined;
    if (scaling !== undefined) factor *= scaling.by;
    else if (times !== undefined) copies *= times;
    else if (!isOp(node, ...MOVES)) break;
    value = scaling?.value ?? node.inputs[0];
  }
  return { copies, factor };
}

const MOVES = ['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Identity', 'Cast'];

/** A product or quotient with one constant number. */
function scaledBy(
  values: StaticValues,
  { opType, inputs }: Node,
): { readonly value: string; readonly by: number } | undefined {
  if (opType !== 'Mul' && opType !== 'Div') return undefined;
  const [left, right] = inputs.map((input) => numberOf(values, input));
  if (right !== undefined) return { value: inputs[0], by: opType === 'Mul' ? right : 1 / right };
  return left !== undefined && opType === 'Mul' ? { value: inputs[1], by: left } : undefined;
}

function numberOf(values: StaticValues, value: string): number | undefined {
  const constant = values.constant(value);
  return constant?.data.length === 1 ? Number(constant.data[0]) : undefined;
}

/** How often Expand or Tile repeats an axis of one, so that copies are neighbours. */
function repeats(values: StaticValues, { inputs, outputs }: Node): number | undefined {
  const [from, to] = [inputs[0], outputs[0]].map((value) => values.type(value)?.dims ?? []);
  const lead = to.length - from.length;
  const single = to.every((size, axis) => [1, size].includes(from[axis - lead] ?? 1));
  return single ? product(to) / product(from) : undefined;
}
