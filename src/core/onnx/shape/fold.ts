import type { Value } from '../../tensor/values.ts';
import { editGraph } from '../graph/edit.ts';
import { makeTensor, viewBytes } from '../graph/make.ts';
import type { Dimension, Graph, Model, Node, Tensor, ValueInfo } from '../types.ts';
import { bindDim } from './dimension.ts';
import type { Bindings } from './dimension.ts';
import { inferShapes, openSymbol } from './infer.ts';
import type { ShapeInfo } from './infer.ts';

/**
 * The model with the shape arithmetic that exporters leave replaced by its results: nodes whose
 * outputs are known small constants (≤ 64 KiB each) become initializers, what fed only them goes.
 * `bindings` give symbolic sizes their numbers, in the declared inputs and outputs too. The result
 * computes the same; nodes that make graph outputs stay. Throws `graph-cycle`.
 */
export function foldConstants(model: Model, bindings: Bindings = {}): Model {
  const bound = bindGraph(model.graph, bindings);
  const shapes = inferShapes({ ...model, graph: bound });
  const edit = editGraph(bound);
  const outputs = new Set(bound.outputs.map((info) => info.name));
  let folded = false;
  for (const node of bound.nodes) {
    const tensors = foldedOutputs(node, shapes, outputs);
    if (!tensors) continue;
    edit.removeNode(node);
    tensors.forEach((tensor) => edit.addInitializer(tensor));
    folded = true;
  }
  if (folded) edit.removeUnused();
  const graph = edit.finish();
  return graph === model.graph ? model : { ...model, graph };
}

/** The node's outputs as initializers, when all of them are known and none is a graph output. */
function foldedOutputs(
  node: Node,
  shapes: ShapeInfo,
  graphOutputs: ReadonlySet<string>,
): Tensor[] | undefined {
  const tensors: Tensor[] = [];
  for (const output of node.outputs) {
    if (output === '') continue;
    const value = graphOutputs.has(output) ? undefined : shapes.constant(output);
    if (!value) return undefined;
    tensors.push(tensorOf(output, value));
  }
  return tensors;
}

function tensorOf(name: string, { dataType, dims, data }: Value): Tensor {
  return makeTensor(name, dims, { dataType, bytes: viewBytes(data) });
}

/** The graph with bound sizes written into every declared type; itself when none is bound. */
function bindGraph(graph: Graph, bindings: Bindings): Graph {
  if (Object.keys(bindings).length === 0) return graph;
  const bind = (infos: readonly ValueInfo[]): ValueInfo[] =>
    infos.map((i) => bindInfo(i, bindings));
  return {
    ...graph,
    inputs: graph.inputs.map((info) => bindInfo(info, bindings, info.name)),
    outputs: bind(graph.outputs),
    valueInfo: bind(graph.valueInfo),
  };
}

function bindInfo(info: ValueInfo, bindings: Bindings, open = ''): ValueInfo {
  const dims = info.type?.dims;
  if (!info.type || !dims) return info;
  const bound = dims.map((dim, axis): Dimension => {
    if (dim.value !== undefined) return dim;
    const size = bindDim(dim.symbol || openSymbol(open, axis), bindings);
    return typeof size === 'number' ? { value: size } : dim;
  });
  return { ...info, type: { ...info.type, dims: bound } };
}
