import type { Graph, Node } from '../types.ts';
import { valuesRead } from './values.ts';

/** Nodes the values `outputs` depend on, in their order; not looking behind the values of `stop`. */
export function liveNodes(
  graph: Graph,
  outputs: readonly string[],
  stop: ReadonlySet<string> = new Set(),
): readonly Node[] {
  const makers = new Map<string, Node>();
  for (const node of graph.nodes) for (const output of node.outputs) makers.set(output, node);
  makers.delete('');
  const live = new Set<Node>();
  const open = [...outputs];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const maker = makers.get(value);
    if (!maker || live.has(maker) || stop.has(value)) continue;
    live.add(maker);
    open.push(...valuesRead(maker));
  }
  return live.size === graph.nodes.length ? graph.nodes : graph.nodes.filter((n) => live.has(n));
}

/**
 * The graph's parts without dead nodes and unread initializers. A graph input stays, unless it only
 * declares a removed initializer (IR < 4): the graph's interface is not ours to change.
 */
export function unusedParts(graph: Graph): Pick<Graph, 'nodes' | 'initializers' | 'inputs'> {
  const outputs = graph.outputs.map((info) => info.name);
  const nodes = liveNodes(graph, outputs);
  const read = new Set(outputs);
  for (const node of nodes) for (const value of valuesRead(node)) read.add(value);
  const dropped = new Set(
    graph.initializers.map((tensor) => tensor.name).filter((name) => !read.has(name)),
  );
  if (dropped.size === 0) return { nodes, initializers: graph.initializers, inputs: graph.inputs };
  return {
    nodes,
    initializers: graph.initializers.filter((tensor) => !dropped.has(tensor.name)),
    inputs: graph.inputs.filter((info) => !dropped.has(info.name)),
  };
}
