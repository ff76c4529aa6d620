import type { Branch } from './branches.ts';
import { groupBy } from './group.ts';
import type { Parts } from './parts.ts';
import { dataInputs, walk } from './walk.ts';

/** The branches along one residual stream, in the order they join it. */
export interface Chain {
  readonly branches: readonly Branch[];
  /** The stream before the first branch. */
  readonly root: string;
}

/** Sorts branches into residual streams: a branch follows the one whose join its own stream comes from. */
export function findChains(parts: Parts, branches: readonly Branch[]): Chain[] {
  const byJoin = groupBy(branches, ({ join }) => join.node);
  const rootOf = new Map<number, number>();
  const ordered = [...byJoin.keys()].sort((a, b) => a - b);
  for (const node of ordered) {
    const before = previousJoin(parts, byJoin.get(node)?.[0]?.join.skip ?? '', byJoin);
    rootOf.set(node, before === undefined ? node : (rootOf.get(before) ?? node));
  }
  const chains = groupBy(ordered, (node) => rootOf.get(node));
  return [...chains.values()].map((nodes) => {
    const along = nodes.flatMap((node) => attentionFirst(byJoin.get(node) ?? []));
    return { branches: along, root: along[0].join.skip };
  });
}

function attentionFirst(branches: readonly Branch[]): Branch[] {
  return [...branches].sort(
    (a, b) => Number(a.kind !== 'attention') - Number(b.kind !== 'attention'),
  );
}

/**
 * The join a stream value comes from. Between two joins may stand norms, position embeddings, a
 * linear map that changes the width (stages), convolution modules.
 */
function previousJoin(
  parts: Parts,
  start: string,
  joins: ReadonlyMap<number, unknown>,
): number | undefined {
  const { view } = parts;
  let found: number | undefined;
  walk([start], (value) => {
    const index = view.producer(value);
    if (index === undefined) return [];
    if (joins.has(index)) {
      found = index;
      return 'done';
    }
    const through = parts.normMaking.get(value) ?? parts.linearMaking.get(value);
    return through ? [through.input] : dataInputs(view, view.nodes[index], value);
  });
  return found;
}
