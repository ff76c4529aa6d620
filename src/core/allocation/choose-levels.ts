import { paretoLevels, type Ranked } from './pareto-levels.ts';
import { relaxation, type Relaxation } from './relaxation.ts';
import type { Level } from './upgrades.ts';

/** A level for each item. */
export interface Choice {
  /** Index into each item's levels. */
  readonly levels: readonly number[];
  readonly cost: number;
  readonly error: number;
}

/** States that are kept of one stage: far more than bounds leave standing; beyond it the result may miss the best. */
const MOST_STATES = 400_000;

/**
 * argmin Σ_i error(i, l_i) over one level l_i of each item, with Σ_i cost(i, l_i) ≤ budget: the multiple-choice knapsack
 * problem, solved exactly for real costs. Item by item, all sums of costs and errors that no other sum beats on both are
 * kept (dynamic programming by dominance, Nemhauser & Ullmann 1969) unless the relaxation of the items to come says
 * that they cannot end below the best choice known. Undefined where not even the cheapest levels fit.
 */
export function chooseLevels(
  items: readonly (readonly Level[])[],
  budget: number,
): Choice | undefined {
  const ranked = items.map(paretoLevels);
  const bound = relaxation(ranked);
  const first = greedy(ranked, bound, budget);
  if (first === undefined) return undefined;
  const stages: Stage[] = [START];
  for (const [item, levels] of ranked.entries()) {
    const reach = { bound, item: item + 1, budget, best: first.error };
    stages.push(extended(stages[item], levels, reach));
  }
  const found = best(stages, ranked);
  const chosen = found !== undefined && found.error < first.error ? found : first;
  return { ...chosen, levels: chosen.levels.map((rank, item) => ranked[item][rank].level) };
}

/** Sums that are reached with the first items: by rising cost, their errors falling. */
interface Stage {
  readonly cost: Float64Array;
  readonly error: Float64Array;
  /** Where each came from in the stage before, and by which level. */
  readonly from: Int32Array;
  readonly rank: Int32Array;
}

const START: Stage = {
  ...{ cost: new Float64Array(1), error: new Float64Array(1) },
  ...{ from: new Int32Array(1), rank: new Int32Array(1) },
};

interface Reach {
  readonly bound: Relaxation;
  /** Items from here on are to come. */
  readonly item: number;
  readonly budget: number;
  /** What some choice is known to come to. */
  readonly best: number;
}

function extended({ cost, error }: Stage, levels: readonly Ranked[], reach: Reach): Stage {
  const states: [cost: number, error: number, from: number, rank: number, least: number][] = [];
  for (let from = 0; from < cost.length; from++) {
    levels.forEach((level, rank) => {
      const [c, e] = [cost[from] + level.cost, error[from] + level.error];
      const least = e + reach.bound(reach.item, reach.budget - c);
      if (least <= reach.best) states.push([c, e, from, rank, least]);
    });
  }
  states.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let lowest = Infinity;
  const undominated = states.filter(([, e]) => e < lowest && ((lowest = e), true));
  const kept = mostPromising(undominated);
  return {
    cost: Float64Array.from(kept, ([c]) => c),
    error: Float64Array.from(kept, ([, e]) => e),
    from: Int32Array.from(kept, ([, , from]) => from),
    rank: Int32Array.from(kept, ([, , , rank]) => rank),
  };
}

function mostPromising<S extends readonly [number, number, number, number, number]>(
  states: readonly S[],
): readonly S[] {
  if (states.length <= MOST_STATES) return states;
  const limit = states.map(([, , , , least]) => least).sort((a, b) => a - b)[MOST_STATES];
  return states.filter(([, , , , least]) => least < limit);
}

/** Down the lines of upgrades in order of gain, all that still fit. */
function greedy(
  items: readonly (readonly Ranked[])[],
  bound: Relaxation,
  budget: number,
): Choice | undefined {
  const levels = items.map(() => 0);
  let cost = items.reduce((sum, [cheapest]) => sum + cheapest.cost, 0);
  if (cost > budget) return undefined;
  for (const { item, level: rank } of bound.upgrades) {
    const more = items[item][rank].cost - items[item][levels[item]].cost;
    if (rank < levels[item] || cost + more > budget) continue;
    levels[item] = rank;
    cost += more;
  }
  const error = levels.reduce((sum, rank, item) => sum + items[item][rank].error, 0);
  return { levels, cost, error };
}

/** The state of the last stage with the least error, traced back. */
function best(stages: readonly Stage[], items: readonly unknown[]): Choice | undefined {
  const last = stages[items.length];
  let at = last.error.length - 1;
  if (at < 0) return undefined;
  const [cost, error] = [last.cost[at], last.error[at]];
  const levels: number[] = [];
  for (let stage = items.length; stage > 0; stage--) {
    levels.unshift(stages[stage].rank[at]);
    at = stages[stage].from[at];
  }
  return { levels, cost, error };
}
