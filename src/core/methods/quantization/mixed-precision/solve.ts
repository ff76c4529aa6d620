import { chooseLevels } from '../../../allocation/choose-levels.ts';
import type { Level } from '../../../allocation/upgrades.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { RatedPart } from './sensitivity.ts';

/** Which candidate each part gets; the one behind its last leaves it as it is. */
export type Assignment = readonly number[];

/** One way of storing everything, and what the file then takes. */
export interface Fit {
  readonly levels: Assignment;
  readonly bytes: number;
  /** What the additive model says of it. */
  readonly predicted: number;
}

/** The additive model: what each part costs at each of its levels, the last of which leaves it as it is. */
export interface Additive {
  readonly parts: readonly RatedPart[];
  readonly items: readonly (readonly Level[])[];
  readonly fileBytes: (levels: Assignment) => Promise<number>;
}

/** Corrections of the sum by what the file really takes, at most. */
const MOST_TRIES = 8;

/**
 * The least Σ loss whose file, as planned, takes at most `budget` bytes: exact for the additive model, and what files take
 * beside its bytes (names, the recipe itself) is put right by planning. Throws `budget-too-small`.
 */
export async function fitSize(model: Additive, budget: number): Promise<Fit> {
  const cheapest = model.items.map((levels) => lowest(levels.map(({ cost }) => cost)));
  const least = await fitOf(model, cheapest);
  if (least.bytes > budget) throw tooSmall(least.bytes, budget);
  let best = least;
  let room = budget - (least.bytes - sumOf(model.items, cheapest, 'cost'));
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const choice = chooseLevels(model.items, room);
    if (choice === undefined) break;
    const fit = await fitOf(model, choice.levels);
    if (fit.bytes <= budget && fit.predicted <= best.predicted) best = fit;
    const over = fit.bytes - budget;
    // What is over goes at once; what is left is used as long as it is worth planning again.
    if (over <= 0 && -over < budget / 2000) break;
    room -= over > 0 ? over : over / 2;
  }
  return best;
}

/** The fewest bytes with Σ loss ≤ `loss`; with everything as it is where nothing else keeps it. */
export async function fitLoss(model: Additive, loss: number): Promise<Fit> {
  const turned = model.items.map((levels) =>
    levels.map(({ cost, error }) => ({ cost: error, error: cost })),
  );
  const choice = chooseLevels(turned, loss);
  return fitOf(model, choice?.levels ?? model.items.map((levels) => levels.length - 1));
}

async function fitOf(model: Additive, levels: Assignment): Promise<Fit> {
  const bytes = await model.fileBytes(levels);
  return { levels, bytes, predicted: sumOf(model.items, levels, 'error') };
}

function sumOf(items: Additive['items'], levels: Assignment, of: keyof Level): number {
  return items.reduce((sum, own, at) => sum + own[levels[at]][of], 0);
}

function lowest(values: readonly number[]): number {
  return values.indexOf(Math.min(...values));
}

function tooSmall(least: number, budget: number): LatheError {
  return new LatheError(
    'budget-too-small',
    `With the smallest level for every layer the file takes ${least} bytes, and the budget is ${budget}; raise it, allow fewer bits or larger blocks, choose more layers, or prune or shrink the model first.`,
    { least, budget },
  );
}
