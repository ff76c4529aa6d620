import type { Attribute, Graph, Node, Tensor } from '../types.ts';

/** The node's attribute of this name, or undefined. */
export function attribute(node: Node, name: string): Attribute | undefined {
  return node.attributes.find((candidate) => candidate.name === name);
}

/** An int attribute as a number; `fallback` when it is absent or of another kind. */
export function intAttribute(node: Node, name: string, fallback: number): number;
export function intAttribute(node: Node, name: string, fallback?: number): number | undefined;
export function intAttribute(node: Node, name: string, fallback?: number): number | undefined {
  const found = attribute(node, name);
  return found?.kind === 'int' ? Number(found.value) : fallback;
}

/**
 * An ints attribute as numbers (INT64_MAX becomes 2⁶³, which every clamp treats the same);
 * `fallback` when it is absent or of another kind.
 */
export function intsAttribute(node: Node, name: string): readonly number[] | undefined;
export function intsAttribute(
  node: Node,
  name: string,
  fallback: readonly number[],
): readonly number[];
export function intsAttribute(
  node: Node,
  name: string,
  fallback?: readonly number[],
): readonly number[] | undefined {
  const found = attribute(node, name);
  return found?.kind === 'ints' ? found.value.map(Number) : fallback;
}

/** A float attribute; `fallback` when it is absent or of another kind. */
export function floatAttribute(node: Node, name: string, fallback: number): number;
export function floatAttribute(node: Node, name: string, fallback?: number): number | undefined;
export function floatAttribute(node: Node, name: string, fallback?: number): number | undefined {
  const found = attribute(node, name);
  return found?.kind === 'float' ? found.value : fallback;
}

/** A floats attribute; `fallback` when it is absent or of another kind. */
export function floatsAttribute(node: Node, name: string): readonly number[] | undefined {
  const found = attribute(node, name);
  return found?.kind === 'floats' ? found.value : undefined;
}

/** A string attribute as text (UTF-8); `fallback` when it is absent or of another kind. */
export function stringAttribute(node: Node, name: string, fallback: string): string;
export function stringAttribute(node: Node, name: string, fallback?: string): string | undefined;
export function stringAttribute(node: Node, name: string, fallback?: string): string | undefined {
  const found = attribute(node, name);
  return found?.kind === 'string' ? new TextDecoder().decode(found.value) : fallback;
}

/** A tensor attribute, or undefined. */
export function tensorAttribute(node: Node, name: string): Tensor | undefined {
  const found = attribute(node, name);
  return found?.kind === 'tensor' ? found.value : undefined;
}

/** A graph attribute (the body of an If, Loop or Scan), or undefined. */
export function graphAttribute(node: Node, name: string): Graph | undefined {
  const found = attribute(node, name);
  return found?.kind === 'graph' ? found.value : undefined;
}

/** All sub-graphs a node carries, with the attribute that holds each. */
export function subgraphs(node: Node): readonly Graph[] {
  return node.attributes.flatMap((a) =>
    a.kind === 'graph' ? [a.value] : a.kind === 'graphs' ? a.value : [],
  );
}

/** The node with every sub-graph replaced by `change(graph)`; the node itself when none changed. */
export function mapSubgraphs(node: Node, change: (graph: Graph) => Graph): Node {
  let changed = false;
  const apply = (graph: Graph): Graph => {
    const next = change(graph);
    if (next !== graph) changed = true;
    return next;
  };
  const attributes = node.attributes.map((a): Attribute => {
    if (a.kind === 'graph') return keepIfSame(a, apply(a.value));
    if (a.kind === 'graphs') return { ...a, value: a.value.map(apply) };
    return a;
  });
  return changed ? { ...node, attributes } : node;
}

function keepIfSame(a: Attribute & { readonly kind: 'graph' }, value: Graph): Attribute {
  return value === a.value ? a : { ...a, value };
}
