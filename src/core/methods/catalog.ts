import { METAS } from './catalog.generated.ts';
import type { MethodMeta } from './contract.ts';
import { FAMILY_ORDER } from './families.ts';

const byId = new Map<string, MethodMeta>(METAS.map((meta) => [meta.id, meta]));

/** A baseline may be shown beside one of its own. */
const depth = ({ baseline }: MethodMeta): number => {
  const below = baseline === undefined ? undefined : byId.get(baseline);
  return below === undefined ? 0 : 1 + depth(below);
};

const rank = (meta: MethodMeta): number =>
  FAMILY_ORDER.indexOf(meta.family) * METAS.length + depth(meta);

const sorted = [...METAS].sort((a, b) => rank(a) - rank(b));

/**
 * What every method says about itself, without its code: by family, baselines before the methods they
 * are shown beside. Recipes are read, named and drawn from this alone; only running needs `registry.ts`.
 */
export function allMetas(): readonly MethodMeta[] {
  return sorted;
}

/** What the method of this id says about itself; undefined when there is none. */
export function metaById(id: string): MethodMeta | undefined {
  return byId.get(id);
}
