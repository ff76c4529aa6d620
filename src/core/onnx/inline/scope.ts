import { mapSubgraphs } from '../graph/attributes.ts';
import { definedValues } from '../graph/values.ts';
import type { Attribute, Graph, Node } from '../types.ts';

/** Names of one scope of a function's body, as the graph that takes it in knows them. */
export interface Scope {
  /** The new name of a value; '' stays '' (an input that was left out). */
  name(value: string): string;
  /** The scope of a graph inside: what it defines gets names of its own. */
  inside(graph: Graph): Scope;
}

/** Names that nothing in the graph has yet. */
export interface FreshNames {
  value(name: string): string;
  node(name: string): string;
}

/** A scope in which `given` names stand for others and every further one gets a fresh name. */
export function scopeOf(
  given: ReadonlyMap<string, string>,
  fresh: (name: string) => string,
): Scope {
  const names = new Map(given);
  return {
    name: (value) => {
      if (value === '') return '';
      const known = names.get(value) ?? fresh(value);
      names.set(value, known);
      return known;
    },
    inside: (graph) => {
      const own = new Map(names);
      for (const value of definedValues(graph)) own.set(value, fresh(value));
      return scopeOf(own, fresh);
    },
  };
}

/** What a node's attributes become: references to the call's attributes are exchanged for these. */
export type Resolve = (attribute: Attribute) => readonly Attribute[];

/** What the nodes of one call have in common. */
export interface Renaming {
  readonly resolve: Resolve;
  /** The name of a node: no two nodes of a graph may share one. */
  readonly label: (node: Node) => string;
}

/** A node of a function's body as it stands in the graph: its values renamed, its references resolved. */
export function renamedNode(node: Node, scope: Scope, renaming: Renaming): Node {
  // Sub-graphs first: those that come in as an attribute of the call have the caller's names already.
  const { attributes, ...rest } = mapSubgraphs(node, (graph) =>
    renamedGraph(graph, scope.inside(graph), renaming),
  );
  return {
    ...rest,
    name: renaming.label(node),
    inputs: node.inputs.map((value) => scope.name(value)),
    outputs: node.outputs.map((value) => scope.name(value)),
    attributes: attributes.flatMap(renaming.resolve),
  };
}

function renamedGraph(graph: Graph, scope: Scope, renaming: Renaming): Graph {
  const named = <T extends { readonly name: string }>(items: readonly T[]): T[] =>
    items.map((item) => ({ ...item, name: scope.name(item.name) }));
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renamedNode(node, scope, renaming)),
    initializers: named(graph.initializers),
    inputs: named(graph.inputs),
    outputs: named(graph.outputs),
    valueInfo: named(graph.valueInfo),
  };
}
