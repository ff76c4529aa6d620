import type { Anatomy, Block, Layer } from '../../anatomy/types.ts';

/** Which blocks stand for each other. */
export type Arrangement = 'neighbours' | 'cycle' | 'sandwich';

/**
 * Sets of blocks of one stack, by their place in it, that read the same weights, `size` of `depth` in each:
 * - neighbours: 0 1 · 2 3 · …;
 * - cycle: with m = ⌈depth / size⌉ sets, block i is in set i mod m, so that the whole model is gone through again;
 * - sandwich: the first and the last stay alone, and what is between them are neighbours.
 * @see Lan et al. 2019, arXiv:1909.11942; Takase, Kiyono 2021, arXiv:2104.06022; Reid et al. 2021, arXiv:2101.00234
 */
export function setsOf(depth: number, size: number, arrangement: Arrangement): number[][] {
  const all = Array.from({ length: depth }, (_, at) => at);
  if (arrangement === 'cycle') {
    const sets = Math.ceil(depth / size);
    return all.slice(0, sets).map((first) => all.filter((at) => at % sets === first));
  }
  if (arrangement === 'neighbours' || depth < 3) return inTurn(all, size);
  return [[0], ...inTurn(all.slice(1, -1), size), [depth - 1]];
}

function inTurn(all: readonly number[], size: number): number[][] {
  const sets: number[][] = [];
  for (let at = 0; at < all.length; at += size) sets.push(all.slice(at, at + size));
  return sets;
}

/**
 * The layers of a set of blocks that do the same work, those among `targets` only: the n-th of each role belong together.
 * Sets are counted in each stack for itself; layers outside of blocks are in none.
 */
export function layerGroups(
  anatomy: Anatomy,
  targets: readonly Layer[],
  { size, arrangement }: { readonly size: number; readonly arrangement: Arrangement },
): Layer[][] {
  const stacks = (['encoder', 'decoder'] as const).map((stack) =>
    anatomy.blocks.filter((block) => block.stack === stack),
  );
  return stacks.flatMap((blocks) =>
    setsOf(blocks.length, size, arrangement).flatMap((set) =>
      byRole(
        set.map((at) => blocks[at]),
        targets,
      ),
    ),
  );
}

function byRole(blocks: readonly Block[], targets: readonly Layer[]): Layer[][] {
  const groups = new Map<string, Layer[]>();
  for (const { index } of blocks) {
    const seen = new Map<string, number>();
    for (const layer of targets.filter(({ block }) => block === index)) {
      const nth = seen.get(layer.role) ?? 0;
      seen.set(layer.role, nth + 1);
      const key = `${layer.role} ${nth}`;
      groups.set(key, [...(groups.get(key) ?? []), layer]);
    }
  }
  return [...groups.values()].filter((group) => group.length > 1);
}
