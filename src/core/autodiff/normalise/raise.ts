import { LatheError } from '../../errors/lathe-error.ts';
import { subgraphs } from '../../onnx/graph/attributes.ts';
import { canonicalDomain, operatorEntry } from '../../onnx/operators/table.ts';
import type { Node } from '../../onnx/types.ts';
import { nodeName } from './context.ts';

/**
 * Sees to it that a node (its sub-graphs included) means the same in version `to` of ai.onnx as in
 * `from`. Throws `cannot-lift` naming the first one that does not, or that is not known.
 */
export function assertSameMeaning(node: Node, from: number, to: number): void {
  if (from >= to) return;
  if (canonicalDomain(node.domain) === '') assertOne(node, from, to);
  for (const body of subgraphs(node)) {
    for (const inner of body.nodes) assertSameMeaning(inner, from, to);
  }
}

function assertOne(node: Node, from: number, to: number): void {
  const entry = operatorEntry(node.opType, '');
  if (!entry) throw cannotLift(node, from, to, 'what became of it since is not known here');
  const change = entry.breaking.find((version) => version > from && version <= to);
  if (change !== undefined) {
    throw cannotLift(node, from, to, `it changed its meaning in version ${change}`);
  }
}

function cannotLift(node: Node, from: number, to: number, reason: string): LatheError {
  return new LatheError(
    'cannot-lift',
    `The ${node.opType} node "${nodeName(node)}" was written for operator set ${from} and training needs operator set ${to}, but ${reason}; export the model with operator set ${to} or newer.`,
    { operator: node.opType, node: nodeName(node), from, to },
  );
}
