import { makeNode } from '../graph/make.ts';
import { liveNodes } from '../graph/unused.ts';
import { definedValues, valuesRead } from '../graph/values.ts';
import type { Graph, Model, Node, ValueInfo } from '../types.ts';
import { bodyOf, mainBranchOf, otherBranch, unfoldedIfs } from './record.ts';

/** The main branch runs on the tokens alone; the other one goes on from a cache. */
export type BranchKind = 'main' | 'cached';

/** Whether the model's branches lie unfolded in its graph. */
export function hasBranches({ graph }: Model): boolean {
  return unfoldedIfs(graph).length > 0;
}

/**
 * One branch of an unfolded model as a model of its own: the If is gone, its outputs are the branch's,
 * and what only the other branch needs (nodes, weights, inputs) is gone too. Nodes that stay are the same objects, values
 * keep their names. Other models come back as they are. The same object for the same graph.
 */
export function takeBranch(model: Model, kind: BranchKind = 'main'): Model {
  if (!hasBranches(model)) return model;
  const kept = taken.get(model.graph) ?? new Map<BranchKind, Graph>();
  taken.set(model.graph, kept);
  const graph = kept.get(kind) ?? branchOf(model.graph, kind);
  kept.set(kind, graph);
  return { ...model, graph };
}

const taken = new WeakMap<Graph, Map<BranchKind, Graph>>();

function branchOf(graph: Graph, kind: BranchKind): Graph {
  const types = new Map<string, ValueInfo>();
  const nodes = graph.nodes.flatMap((node) => {
    const delivered = deliveredBy(node, kind);
    if (delivered === undefined) return [node];
    return delivered.map((info, at) => {
      const output = node.outputs[at];
      if (info.type) types.set(output, { ...info, name: output });
      return makeNode('Identity', [info.name], [output]);
    });
  });
  const outputs = graph.outputs.map((info) => types.get(info.name) ?? info);
  return pruned({ ...graph, nodes, outputs });
}

/** What an unfolded If hands on from one of its branches. */
function deliveredBy(node: Node, kind: BranchKind): readonly ValueInfo[] | undefined {
  const main = mainBranchOf(node);
  if (main === undefined) return undefined;
  return bodyOf(node, kind === 'main' ? main : otherBranch(main))?.outputs;
}

/** Without what no output needs; an input that nothing reads is none of this branch. */
function pruned(graph: Graph): Graph {
  const outputs = graph.outputs.map(({ name }) => name);
  const nodes = liveNodes(graph, outputs);
  const read = new Set([...outputs, ...nodes.flatMap((node) => [...valuesRead(node)])]);
  const needed = <T extends { readonly name: string }>(items: readonly T[]): T[] =>
    items.filter(({ name }) => read.has(name));
  const { initializers, inputs, valueInfo } = graph;
  const part = { ...graph, nodes, initializers: needed(initializers), inputs: needed(inputs) };
  const defined = definedValues(part);
  return { ...part, valueInfo: valueInfo.filter(({ name }) => defined.has(name)) };
}
