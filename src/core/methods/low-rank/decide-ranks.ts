import type { Layer } from '../../anatomy/types.ts';
import { mostThatFit } from '../../allocation/most-that-fit.ts';
import { upgradesOf, type Level, type Upgrade } from '../../allocation/upgrades.ts';
import { placeOf } from '../../encodings/index.ts';
import { LatheError, throwIfCancelled } from '../../errors/lathe-error.ts';
import { looksAtInputs } from '../../statistics/look.ts';
import { nothingSeen } from '../../statistics/seen.ts';
import type { Ground, Oracle } from '../contract.ts';
import { formOf } from '../requantize.ts';
import { isRefusal } from '../site.ts';
import { tiedLayers, type TiedLayers } from '../tied-layers.ts';
import { largestRank, rankForRatio, type Factored } from './break-even.ts';
import type { AnyLowRank } from './low-rank.ts';
import { factoredOf } from './rank-plan.ts';
import type { RankOptions } from './rank-options.ts';
import { requireFinite } from './require-finite.ts';

/** Ranks below this share of break-even are not considered: at so few directions a layer's error says little of the model's. */
const LEAST_SHARE = 0.1;

/** Layers over one weight, its sizes, and what cutting it costs. */
interface Item extends TiedLayers {
  readonly factored: Factored;
  /** Share of the squared (weighted) weight that is lost at rank r, r = 0 … all. */
  readonly lost: Float64Array;
}

/**
 * The rank of each layer as the step's options say it is to be chosen: so that the share `energy` of its squared singular
 * values is kept; or, for a share of the bytes of all layers or a budget of the whole file, so that Σ_l lost_l is least:
 * from a tenth of break-even on always the rank that saves most per byte (exact: what is lost is convex in the rank).
 * With whitened weights what is lost is the layer's relative output error (SVD-LLM v2, Wang et al. 2025).
 * Throws `budget-missing`, `budget-too-small`, `calibration-missing`.
 */
export async function decideRanks<Options extends RankOptions>(
  method: AnyLowRank<Options>,
  { model }: Ground,
  targets: readonly Layer[],
  options: Options,
  ask: Oracle<Options>,
): Promise<Options> {
  const fixed = { ...options, ranks: 'fixed', rank: 1 } satisfies RankOptions;
  const able = targets.filter((layer) => {
    return (
      method.meta.accepts.includes(layer.op) && !isRefusal(formOf(method, layer, fixed, model))
    );
  });
  const items = await itemsOf(method, model, able, options, ask);
  if (options.ranks === 'energy')
    return withRanks(options, items, (item) => forEnergy(item, options));
  const least = items.map(({ factored }) => rankForRatio(factored, LEAST_SHARE));
  const upgrades = upgradesOf(items.map((item, i) => levelsOf(item, least[i])));
  const chosen = (count: number): Options => {
    const ranks = least.slice();
    for (const { item, level } of upgrades.slice(0, count)) ranks[item] = least[item] + level;
    return withRanks(options, items, (_, i) => ranks[i]);
  };
  if (options.ranks === 'loss') return chosen(withinShare(items, least, upgrades, options.ratio));
  const budget = requireBudget(options);
  const smallest = await ask.fileBytes(chosen(0));
  if (smallest > budget) throw tooSmall(smallest, budget);
  return chosen(await mostThatFit(upgrades.length, (n) => ask.fileBytes(chosen(n)), budget));
}

/** A budget is needed to decide. Throws `budget-missing`. */
export function requireBudget({ budget }: Pick<RankOptions, 'budget'>): number {
  if (budget !== undefined) return budget;
  throw new LatheError(
    'budget-missing',
    'The rank of each layer is to be decided, and nothing says how large the file may be; set the budget to the most bytes it may take.',
  );
}

async function itemsOf<Options extends RankOptions>(
  method: AnyLowRank<Options>,
  model: Ground['model'],
  layers: readonly Layer[],
  options: Options,
  ask: Oracle<Options>,
): Promise<Item[]> {
  const { take } = method;
  const seen = take === undefined ? nothingSeen : await ask.seen(looksAtInputs(layers, [take]));
  const groups = tiedLayers(model, layers);
  const items: Item[] = [];
  for (const group of groups) {
    throwIfCancelled(ask.signal);
    const [layer] = group.layers;
    const place = placeOf(model, layer);
    if (place === undefined) continue;
    const weight = await ask.weight(layer);
    requireFinite(weight);
    const { squares } = method.basis(weight, seen, options);
    items.push({ ...group, factored: factoredOf(layer, place, options), lost: lostAt(squares) });
    ask.progress(items.length / groups.length);
  }
  return items;
}

/** Σ_{k ≥ r} σ_k² / Σ σ_k², summed from the smallest on. */
function lostAt(squares: Float64Array): Float64Array {
  const lost = new Float64Array(squares.length + 1);
  for (let r = squares.length - 1; r >= 0; r--) lost[r] = lost[r + 1] + squares[r];
  return lost[0] === 0 ? lost : lost.map((value) => value / lost[0]);
}

function forEnergy({ lost }: Item, { energy }: RankOptions): number {
  return Math.max(
    1,
    lost.findIndex((share) => share <= 1 - energy + 1e-12),
  );
}

/** Bytes and loss of each rank from `least` to the last that saves bytes. */
function levelsOf({ factored, lost }: Item, least: number): Level[] {
  const most = Math.max(least, largestRank(factored));
  return Array.from({ length: most - least + 1 }, (_, i) => {
    const rank = least + i;
    return { cost: bytesAt(factored, rank), error: lost[Math.min(rank, lost.length - 1)] };
  });
}

function bytesAt({ rows, columns, factorBits }: Factored, rank: number): number {
  return (rank * (rows + columns) * factorBits) / 8;
}

/** How many upgrades fit into a share of what the weights take now. */
function withinShare(
  items: readonly Item[],
  least: readonly number[],
  upgrades: readonly Upgrade[],
  share: number,
): number {
  const whole = ({ factored: { rows, columns, weightBits } }: Item): number =>
    (rows * columns * weightBits) / 8;
  const most = share * items.reduce((sum, item) => sum + whole(item), 0);
  const ranks = least.slice();
  let bytes = items.reduce((sum, { factored }, i) => sum + bytesAt(factored, ranks[i]), 0);
  for (const [count, { item, level }] of upgrades.entries()) {
    const { factored } = items[item];
    bytes += bytesAt(factored, least[item] + level) - bytesAt(factored, ranks[item]);
    if (bytes > most) return count;
    ranks[item] = least[item] + level;
  }
  return upgrades.length;
}

function withRanks<Options extends RankOptions>(
  options: Options,
  items: readonly Item[],
  rankOf: (item: Item, at: number) => number,
): Options {
  const rankPerLayer: Record<string, number> = {};
  items.forEach((item, at) => {
    for (const { name } of item.layers) rankPerLayer[name] = rankOf(item, at);
  });
  return { ...options, rankPerLayer };
}

function tooSmall(least: number, budget: number): LatheError {
  return new LatheError(
    'budget-too-small',
    `With the smallest ranks in every chosen layer the file takes ${least} bytes, and the budget is ${budget}; raise it, choose more layers, or prune or quantize the model instead.`,
    { least, budget },
  );
}
