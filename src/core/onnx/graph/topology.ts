import { LatheError } from '../../errors/lathe-error.ts';
import type { Node } from '../types.ts';
import { valuesRead } from './values.ts';

/**
 * Nodes so ordered that each comes after those it reads from (sub-graph captures included). Stable:
 * nodes already in order stay where they are, and the same array comes back when all are.
 * Throws `graph-cycle` when nodes depend on each other in a circle.
 */
export function topologicalOrder(nodes: readonly Node[]): readonly Node[] {
  const dependencies = dependenciesOf(nodes);
  if (dependencies.every((list, index) => list.every((other) => other < index))) return nodes;
  const order: number[] = [];
  const state = new Uint8Array(nodes.length);
  for (let root = 0; root < nodes.length; root++) visit(root, dependencies, state, order, nodes);
  return order.map((index) => nodes[index]);
}

function dependenciesOf(nodes: readonly Node[]): number[][] {
  const producer = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const output of node.outputs) if (output !== '') producer.set(output, index);
  });
  return nodes.map((node) => {
    const made = [...valuesRead(node)].map((value) => producer.get(value));
    return [...new Set(made.filter((index) => index !== undefined))].sort((a, b) => a - b);
  });
}

const OPEN = 1;
const DONE = 2;

/** Depth first with an own stack: graphs are deeper than the call stack. */
function visit(
  root: number,
  dependencies: readonly number[][],
  state: Uint8Array,
  order: number[],
  nodes: readonly Node[],
): void {
  if (state[root] === DONE) return;
  const stack = [{ index: root, next: 0 }];
  state[root] = OPEN;
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const dependency = dependencies[top.index][top.next++];
    if (dependency === undefined) {
      state[top.index] = DONE;
      order.push(top.index);
      stack.pop();
    } else if (state[dependency] === OPEN) {
      throw cycle(nodes[dependency]);
    } else if (state[dependency] !== DONE) {
      state[dependency] = OPEN;
      stack.push({ index: dependency, next: 0 });
    }
  }
}

function cycle(node: Node): LatheError {
  const value = node.outputs.find((output) => output !== '') ?? node.name;
  return new LatheError(
    'graph-cycle',
    `The ${node.opType} node that makes "${value}" depends on its own output, so the graph has no order to run in; export the model again.`,
    { opType: node.opType, value },
  );
}
