import { graphAttribute } from '../graph/attributes.ts';
import type { Attribute, Graph, MetadataEntry, Node } from '../types.ts';

/** The two bodies of an If, by the attribute that holds each. */
export const BRANCHES = ['else_branch', 'then_branch'] as const;
export type BranchName = (typeof BRANCHES)[number];

/** The one that is not this one. */
export function otherBranch(branch: BranchName): BranchName {
  return branch === 'else_branch' ? 'then_branch' : 'else_branch';
}

/**
 * Marks an If whose bodies lie unfolded in the graph around it, and says which of them is the model
 * without its cache. Nodes keep their metadata through every edit, so the record cannot be lost; it is
 * never written to a file.
 */
const UNFOLDED = 'lathe.unfolded';

/** The record as an entry of the node's metadata. */
export function withRecord(node: Node, main: BranchName): Node {
  const entry: MetadataEntry = { key: UNFOLDED, value: main };
  return { ...node, metadata: [...(node.metadata ?? []), entry] };
}

/** The node without its record. */
export function withoutRecord({ metadata = [], ...node }: Node): Node {
  const kept = metadata.filter(({ key }) => key !== UNFOLDED);
  return kept.length > 0 ? { ...node, metadata: kept } : node;
}

/** The branch without a cache, of an If that lies unfolded; undefined for every other node. */
export function mainBranchOf(node: Node): BranchName | undefined {
  const value = node.metadata?.find(({ key }) => key === UNFOLDED)?.value;
  return BRANCHES.find((name) => name === value);
}

/** The Ifs of a graph that lie unfolded in it. */
export function unfoldedIfs({ nodes }: Graph): readonly Node[] {
  return nodes.filter((node) => mainBranchOf(node) !== undefined);
}

/** The body of a branch. Every If has both; one that lost it computes nothing there. */
export function bodyOf(node: Node, branch: BranchName): Graph | undefined {
  return graphAttribute(node, branch);
}

/** The If with other bodies. */
export function withBodies(node: Node, change: (branch: BranchName, body: Graph) => Graph): Node {
  const attributes = node.attributes.map((attribute): Attribute => {
    const branch = BRANCHES.find((name) => name === attribute.name);
    if (attribute.kind !== 'graph' || branch === undefined) return attribute;
    return { ...attribute, value: change(branch, attribute.value) };
  });
  return { ...node, attributes };
}
