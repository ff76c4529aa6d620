/** One way of storing an item: what it costs and how wrong it is. */
export interface Level {
  readonly cost: number;
  readonly error: number;
}

/** Item `item` goes up to `level`. */
export interface Upgrade {
  readonly item: number;
  readonly level: number;
}

interface Rated extends Upgrade {
  /** Error saved per unit of cost. */
  readonly gain: number;
}

/**
 * The order in which items should be given more: from level 0 of each, always the step that saves most error per
 * cost, −Δerror/Δcost, along the lower convex hull of each item's levels. After any number of them, no other choice
 * of the same cost on these hulls has a smaller sum of errors (Shoham & Gersho 1988, §III: Lagrangian allocation
 * with independent items). Levels are given by rising cost; ties keep the order of items.
 */
export function upgradesOf(items: readonly (readonly Level[])[]): readonly Upgrade[] {
  return items
    .flatMap((levels, item) => hullOf(levels).map((step) => ({ ...step, item })))
    .sort((a, b) => b.gain - a.gain)
    .map(({ item, level }) => ({ item, level }));
}

/** Steps from corner to corner of the lower hull, their gains falling. */
function hullOf(levels: readonly Level[]): Omit<Rated, 'item'>[] {
  const steps: Omit<Rated, 'item'>[] = [];
  let at = 0;
  for (;;) {
    const next = steepest(levels, at);
    if (next === undefined) return steps;
    steps.push(next);
    at = next.level;
  }
}

function steepest(levels: readonly Level[], from: number): Omit<Rated, 'item'> | undefined {
  let best: Omit<Rated, 'item'> | undefined;
  for (let level = from + 1; level < levels.length; level++) {
    const cost = levels[level].cost - levels[from].cost;
    const saved = levels[from].error - levels[level].error;
    if (saved <= 0) continue;
    const gain = cost <= 0 ? Infinity : saved / cost;
    if (best === undefined || gain >= best.gain) best = { level, gain };
  }
  return best;
}
