import type { Layer } from '../../../anatomy/types.ts';

/** Layers that get one sparsity. */
export interface Group {
  readonly layers: readonly Layer[];
  /** Those of them that count: a weight that several share counts for the first, a look-up has no input to judge by. */
  readonly judged: readonly Layer[];
  /** Weights that count. */
  readonly size: number;
}

/** Layers of one block together, or each by itself; those that read one weight always, so that it stays stored once. */
export function groupsOf(layers: readonly Layer[], by: 'block' | 'layer'): readonly Group[] {
  const keys = new Map<string, string>();
  const groups = new Map<string, Layer[]>();
  const inOrder = [...layers.filter(isJudged), ...layers.filter((layer) => !isJudged(layer))];
  for (const layer of inOrder) {
    const known = keys.get(layer.weight);
    // A look-up beside no product has no input to judge by.
    if (known === undefined && !isJudged(layer)) continue;
    const key = known ?? keyOf(layer, by);
    keys.set(layer.weight, key);
    groups.set(key, [...(groups.get(key) ?? []), layer]);
  }
  return [...groups.values()].map(groupOf);
}

function isJudged({ op }: Layer): boolean {
  return op !== 'Gather';
}

function keyOf({ block, stack, weight }: Layer, by: 'block' | 'layer'): string {
  return by === 'block' && block !== undefined ? `block ${stack ?? ''} ${block}` : weight;
}

function groupOf(layers: readonly Layer[]): Group {
  const seen = new Set<string>();
  const judged = layers.filter((layer) => {
    const first = isJudged(layer) && !seen.has(layer.weight);
    seen.add(layer.weight);
    return first;
  });
  const size = judged.reduce(
    (sum, { outFeatures, inFeatures }) => sum + outFeatures * inFeatures,
    0,
  );
  return { layers, judged, size };
}
