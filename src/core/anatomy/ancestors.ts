import type { GraphView } from './view.ts';

/** Nodes that `exit` depends on, up to the values of `stops`. */
export function ancestors(view: GraphView, exit: string, stops: readonly string[]): Set<number> {
  const found = new Set<number>();
  const stopped = new Set(stops);
  const open = [exit];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const node = view.producer(value);
    if (node === undefined || found.has(node)) continue;
    found.add(node);
    open.push(...view.nodes[node].inputs.filter((input) => !stopped.has(input)));
  }
  return found;
}
