import type { Ranked } from './pareto-levels.ts';
import { upgradesOf, type Upgrade } from './upgrades.ts';

/**
 * The least Σ error that the items from `item` on could come to with so much to spend, if levels could be mixed: never
 * above what whole levels come to. Infinity where their cheapest levels do not fit.
 */
export interface Relaxation {
  (item: number, budget: number): number;
  /** Steps along all hulls in order of gain; levels are ranks. */
  readonly upgrades: readonly Upgrade[];
}

/** Corners of the relaxed optimum as a function of what may be spent. */
interface Curve {
  readonly cost: Float64Array;
  readonly error: Float64Array;
}

/** Bounds by linear programming (Sinha & Zoltners 1979): the lower hulls of all items' levels, steepest steps first. */
export function relaxation(items: readonly (readonly Ranked[])[]): Relaxation {
  const upgrades = upgradesOf(items);
  const curves = [...items.keys(), items.length].map((from) => curveOf(items, upgrades, from));
  const bound = (item: number, budget: number): number => valueAt(curves[item], budget);
  return Object.assign(bound, { upgrades });
}

function curveOf(
  items: readonly (readonly Ranked[])[],
  upgrades: readonly Upgrade[],
  from: number,
): Curve {
  const at = items.map(() => 0);
  const rest = items.slice(from);
  const cost = [rest.reduce((sum, [first]) => sum + first.cost, 0)];
  const error = [rest.reduce((sum, [first]) => sum + first.error, 0)];
  for (const { item, level } of upgrades) {
    if (item < from) continue;
    const [before, after] = [items[item][at[item]], items[item][level]];
    at[item] = level;
    cost.push(cost[cost.length - 1] + after.cost - before.cost);
    error.push(error[error.length - 1] + after.error - before.error);
  }
  return { cost: Float64Array.from(cost), error: Float64Array.from(error) };
}

/** Sums are taken in another order than those they bound: so much of a value may be rounding. */
const ROUNDING = 1e-9;

function valueAt({ cost, error }: Curve, budget: number): number {
  if (budget < cost[0] - ROUNDING * Math.abs(cost[0])) return Infinity;
  let [low, high] = [0, cost.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (cost[middle] <= budget) low = middle;
    else high = middle - 1;
  }
  const next = low + 1;
  const slack = ROUNDING * Math.abs(error[0]);
  if (next >= cost.length) return error[low] - slack;
  const share = Math.max(0, (budget - cost[low]) / (cost[next] - cost[low]));
  return error[low] + share * (error[next] - error[low]) - slack;
}
