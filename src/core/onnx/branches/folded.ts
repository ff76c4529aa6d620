import type { Graph } from '../types.ts';

/** The graph as it was read, by the one it was unfolded into: what no edit reached is written back as it was. */
const originals = new WeakMap<Graph, Graph>();

/** Remembers where an unfolded graph came from. */
export function rememberFolded(unfolded: Graph, original: Graph): void {
  originals.set(unfolded, original);
}

/** The graph that was unfolded into this very object. */
export function foldedFrom(unfolded: Graph): Graph | undefined {
  return originals.get(unfolded);
}
