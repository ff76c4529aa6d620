import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import { decodeWeight } from '../../../encodings/index.ts';
import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import { mostThatFit } from '../../../allocation/most-that-fit.ts';
import { upgradesOf, type Level } from '../../../allocation/upgrades.ts';
import { nothingSeen } from '../../../statistics/seen.ts';
import type { Encoder, Ground, Oracle } from '../../contract.ts';
import { weightError } from '../../../metrics/weight-error.ts';
import { formOf } from '../../requantize.ts';
import { isRefusal } from '../../site.ts';
import { tiedLayers, type TiedLayers } from '../../tied-layers.ts';
import { meta, type options as schema } from './meta.ts';

export type RoundToNearestOptions = z.infer<typeof schema>;

/** From the fewest on. */
const LEVELS = [2, 3, 4, 8] as const;

/**
 * Bits b_l of each layer so that the file takes at most `budget` bytes and Σ_l ‖W_l − Ŵ_l‖²/‖W_l‖² is small: from 2
 * bits everywhere, upgrades in order of error saved per byte, as many as fit. What fits is planned, not estimated.
 * Throws `budget-missing`, `budget-too-small`.
 */
export async function decideBits(
  encoder: Encoder<RoundToNearestOptions>,
  { model }: Ground,
  targets: readonly Layer[],
  options: RoundToNearestOptions,
  ask: Oracle<RoundToNearestOptions>,
): Promise<RoundToNearestOptions | undefined> {
  if (options.bits !== 'auto' || options.bitsPerLayer !== undefined) return undefined;
  const budget = requireBudget(options);
  const able = targets.filter(
    (layer) => !isRefusal(formOf({ meta, encoder }, layer, options, model)),
  );
  const groups = tiedLayers(model, able);
  const items = await levelsOf(encoder, model, groups, options, ask);
  const upgrades = upgradesOf(items);
  const chosen = (count: number): RoundToNearestOptions => {
    const levels = groups.map(() => 0);
    for (const { item, level } of upgrades.slice(0, count)) levels[item] = level;
    return { ...options, bitsPerLayer: bitsBy(groups, levels) };
  };
  const least = await ask.fileBytes(chosen(0));
  if (least > budget) throw tooSmall(least, budget);
  return chosen(await mostThatFit(upgrades.length, (n) => ask.fileBytes(chosen(n)), budget));
}

/** A budget is needed to decide. Throws `budget-missing`. */
export function requireBudget({ budget }: RoundToNearestOptions): number {
  if (budget !== undefined) return budget;
  throw new LatheError(
    'budget-missing',
    'The bits of each layer are to be decided, and nothing says how large the file may be; set the budget to the most bytes it may take.',
  );
}

/** Bytes and error of each group at each number of bits. */
async function levelsOf(
  encoder: Encoder<RoundToNearestOptions>,
  model: Ground['model'],
  groups: readonly TiedLayers[],
  options: RoundToNearestOptions,
  ask: Oracle<RoundToNearestOptions>,
): Promise<Level[][]> {
  const plans = await Promise.all(LEVELS.map((bits) => ask.plan({ ...options, bits })));
  const bytes = plans.map(({ lines }) => {
    return new Map(lines.map(({ layer, bytesAfter }) => [layer.output, bytesAfter]));
  });
  const items: Level[][] = [];
  for (const { layers } of groups) {
    throwIfCancelled(ask.signal);
    const errors = await errorsOf(encoder, model, layers[0], options, ask);
    const cost = (at: number): number =>
      layers.reduce((sum, { output }) => sum + (bytes[at].get(output) ?? 0), 0);
    items.push(errors.map((error, at) => ({ cost: cost(at), error })));
    ask.progress(items.length / groups.length);
  }
  return items;
}

async function errorsOf(
  encoder: Encoder<RoundToNearestOptions>,
  model: Ground['model'],
  layer: Layer,
  options: RoundToNearestOptions,
  ask: Oracle<RoundToNearestOptions>,
): Promise<number[]> {
  const read = await ask.weight(layer);
  const errors: number[] = [];
  for (const bits of LEVELS) {
    const own = { ...options, bits };
    const form = formOf({ meta, encoder }, layer, own, model);
    if (isRefusal(form)) return [];
    const context = { random: { next: () => 0 }, ...(ask.signal && { signal: ask.signal }) };
    const { encoded } = await encoder.encode(read, form, nothingSeen, own, context);
    const decoded = decodeWeight(encoded, layer.outFeatures, layer.inFeatures);
    errors.push(weightError(read.values, decoded));
  }
  return errors;
}

function bitsBy(groups: readonly TiedLayers[], levels: readonly number[]) {
  const bits: Record<string, (typeof LEVELS)[number]> = {};
  groups.forEach(({ layers }, at) => {
    for (const { name } of layers) bits[name] = LEVELS[levels[at]];
  });
  return bits;
}

function tooSmall(least: number, budget: number): LatheError {
  return new LatheError(
    'budget-too-small',
    `With 2 bits in every chosen layer the file takes ${least} bytes, and the budget is ${budget}; raise it, choose more layers, or prune or shrink the model first.`,
    { least, budget },
  );
}
