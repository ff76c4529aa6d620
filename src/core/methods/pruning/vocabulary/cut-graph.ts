import { bodyOf, BRANCHES, mainBranchOf, withBodies } from '../../../onnx/branches/record.ts';
import { editGraph, type GraphEditor } from '../../../onnx/graph/edit.ts';
import { makeTensor } from '../../../onnx/graph/make.ts';
import { plannedData } from '../../../onnx/tensor-data.ts';
import type { Graph, Model, Node, Tensor, ValueInfo } from '../../../onnx/types.ts';
import { toFloat32 } from '../../../tensor/convert.ts';
import { DataType, elementCount } from '../../../tensor/data-type.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { TokenAxis, TokenTensor } from './axis.ts';
import type { Compared } from './ids.ts';

/** The graph with room for `kept` tokens in place of `size`: what a run fills are the tensors of the axis. */
export async function cutGraph(
  model: Model,
  size: number,
  kept: ArrayLike<number>,
  axis: TokenAxis,
  compared: readonly Compared[],
): Promise<Model> {
  const edit = editGraph(model.graph);
  for (const [name, of] of axis.tensors) edit.replaceInitializer(name, planned(of, kept.length));
  const changed = new Map<Node, Node>();
  for (const { node, shape } of axis.reshapes) {
    const dims = await integers(shape);
    const last = dims.length - 1;
    if (dims[last] === -1 || dims[last] === 0) continue;
    if (dims[last] !== size) throw folded(node);
    const to = BigInt64Array.from(dims.with(last, kept.length), BigInt);
    rewire(edit, changed, node, 1, makeTensor(`${shape.name}_kept`, shape.dims, to));
  }
  for (const { node, slot, constant } of compared) {
    const ids = (await integers(constant)).map((id) => Array.from(kept).indexOf(id));
    rewire(edit, changed, node, slot, likeIntegers(constant, ids));
  }
  for (const [from, to] of changed) edit.replaceNode(from, to);
  edit.removeUnused();
  return { ...model, graph: withScores(edit.finish(), axis.scores, kept.length) };
}

function planned({ tensor, axis }: TokenTensor, count: number): Tensor {
  const { name, dataType, dims, data } = tensor;
  const bytes = (data.byteLength / dims[axis]) * count;
  return { name, dataType, dims: dims.with(axis, count), data: plannedData(bytes) };
}

/** The node reads a new constant at `slot`. */
function rewire(
  edit: GraphEditor,
  changed: Map<Node, Node>,
  node: Node,
  slot: number,
  constant: Tensor,
): void {
  const name = edit.freshName(constant.name);
  edit.addInitializer({ ...constant, name });
  const now = changed.get(node) ?? node;
  changed.set(node, { ...now, inputs: now.inputs.with(slot, name) });
}

async function integers(tensor: Tensor): Promise<number[]> {
  const bytes = await tensor.data.read();
  return [...toFloat32(tensor.dataType, bytes, elementCount(tensor.dims))];
}

/** Ids that were not kept are −1, which equals none. */
function likeIntegers({ name, dims, dataType }: Tensor, ids: readonly number[]): Tensor {
  const label = `${name}_kept`;
  return dataType === DataType.int32
    ? makeTensor(label, dims, Int32Array.from(ids))
    : makeTensor(label, dims, BigInt64Array.from(ids, BigInt));
}

/** Declared types of scores: outputs say how many tokens there are, inner values say nothing any more. */
function withScores(graph: Graph, scores: ReadonlySet<string>, count: number): Graph {
  const declared = (info: ValueInfo): ValueInfo =>
    scores.has(info.name) ? counting(info, count) : info;
  return {
    ...graph,
    outputs: graph.outputs.map(declared),
    valueInfo: graph.valueInfo.filter(({ name }) => !scores.has(name)),
    nodes: graph.nodes.map((node) =>
      mainBranchOf(node) === undefined ? node : withDelivered(node, declared),
    ),
  };
}

function withDelivered(node: Node, declared: (info: ValueInfo) => ValueInfo): Node {
  const same = BRANCHES.every((branch) =>
    bodyOf(node, branch)?.outputs.every((info) => declared(info) === info),
  );
  if (same) return node;
  return withBodies(node, (_, body) => ({ ...body, outputs: body.outputs.map(declared) }));
}

function counting(info: ValueInfo, count: number): ValueInfo {
  const { type } = info;
  if (type?.dims?.at(-1)?.value === undefined) return info;
  return { ...info, type: { ...type, dims: type.dims.with(-1, { value: count }) } };
}

function folded(node: Node): LatheError {
  return new LatheError(
    'vocabulary-uncut',
    `The scores of the tokens are reshaped to another width ("${node.outputs[0]}"), where it is not known how they are counted, so none can be taken out; leave this step out.`,
  );
}
