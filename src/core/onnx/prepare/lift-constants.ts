import { canonicalDomain } from '../operators/table.ts';
import { tensorAttribute } from '../graph/attributes.ts';
import { renameInNode } from '../graph/values.ts';
import { elementCount } from '../../tensor/data-type.ts';
import { isFloat, isNarrow } from '../weights.ts';
import type { Graph, Model, Node, Tensor } from '../types.ts';

/** The model with weights as initializers, and how many Constant nodes held them. */
export interface Lifted {
  readonly model: Model;
  readonly count: number;
  /** Bytes of those weights, each once. */
  readonly bytes: number;
}

/**
 * A Constant node's tensor of at least so many elements is a weight (a bias of two classes is one). Single
 * numbers are factors; codes and zero points start later; shapes, indices and masks of any size stay.
 */
const LEAST_FLOATS = 2;
const LEAST_CODES = 16;

/**
 * Turns the Constant nodes that hold weights into initializers of the same name (Paddle2ONNX and some
 * exports of torch.jit write them so), because an operator cannot tell and everything else can. A tensor
 * that several nodes hold, as after a function was called several times, becomes one initializer.
 */
export function liftConstants(model: Model): Lifted {
  const found = model.graph.nodes.flatMap((node) => weightIn(node) ?? []);
  if (found.length === 0) return { model, count: 0, bytes: 0 };
  const { initializers, renames } = initializersOf(found);
  const nodes = new Set(found.map(({ node }) => node));
  const bytes = initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
  const graph = replaced(model.graph, nodes, initializers, renames);
  return { model: { ...model, graph }, count: found.length, bytes };
}

interface HeldWeight {
  readonly node: Node;
  readonly tensor: Tensor;
}

function weightIn(node: Node): HeldWeight | undefined {
  if (node.opType !== 'Constant' || canonicalDomain(node.domain) !== '') return undefined;
  const tensor = tensorAttribute(node, 'value');
  if (tensor === undefined) return undefined;
  const count = elementCount(tensor.dims);
  const holds = isFloat(tensor.dataType)
    ? count >= LEAST_FLOATS
    : isNarrow(tensor.dataType) && count >= LEAST_CODES;
  return holds ? { node, tensor } : undefined;
}

function initializersOf(found: readonly HeldWeight[]) {
  const names = new Map<Tensor, string>();
  const renames = new Map<string, string>();
  const initializers: Tensor[] = [];
  for (const { node, tensor } of found) {
    const [name] = node.outputs;
    const known = names.get(tensor);
    if (known !== undefined) renames.set(name, known);
    else {
      names.set(tensor, name);
      initializers.push({ ...tensor, name });
    }
  }
  return { initializers, renames };
}

/** A graph output keeps its own node: an output is no place for a copy's name to go. */
function replaced(
  graph: Graph,
  gone: ReadonlySet<Node>,
  made: readonly Tensor[],
  renames: ReadonlyMap<string, string>,
): Graph {
  const kept = graph.nodes.filter((node) => !gone.has(node));
  return {
    ...graph,
    nodes: renames.size === 0 ? kept : kept.map((node) => renameInNode(node, renames)),
    initializers: [...graph.initializers, ...made],
    valueInfo: graph.valueInfo.filter(({ name }) => !renames.has(name)),
  };
}
