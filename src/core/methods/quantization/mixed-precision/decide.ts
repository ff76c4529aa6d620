import type { Layer } from '../../../anatomy/types.ts';
import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import { looksAtInputs } from '../../../statistics/look.ts';
import type { Ground, Oracle } from '../../contract.ts';
import { tiedLayers } from '../../tied-layers.ts';
import { bytesAtLevels, bytesLeft } from './bytes.ts';
import { candidatesOf, Encoder, levelsFor, partOf, type Part } from './candidates.ts';
import { allLevels, type Level } from './choosable.ts';
import type { MixedPrecisionOptions } from './meta.ts';
import { noteOf } from './note.ts';
import { search } from './search.ts';
import { sensitivities, worthwhile, type PartLevels, type RatedPart } from './sensitivity.ts';
import type { Assignment } from './solve.ts';

type Ask = Oracle<MixedPrecisionOptions>;

/** Shares of a decision's time, roughly: encoding every candidate, measuring each alone, measuring the whole. */
const STAGES = { encoded: 0.3, measured: 0.85 } as const;

/**
 * The level of each part (layers over one weight) that makes Σ loss least within a budget, or the file smallest within a
 * loss: exact for the sum of what each part costs alone, then measured as a whole and corrected ({@link search}). Throws
 * `budget-missing`, `budget-too-small`, `loss-too-small`, `nothing-to-choose`, `calibration-missing`.
 */
export async function decideLevels(
  ground: Ground,
  targets: readonly Layer[],
  options: MixedPrecisionOptions,
  ask: Ask,
): Promise<MixedPrecisionOptions | undefined> {
  if (options.chosen !== undefined) return undefined;
  requireBudget(options);
  const { model } = ground;
  const seen = await ask.seen(looksAtInputs(targets, ['moments']));
  const encoder = new Encoder(ask, options, model, seen);
  const levels = allLevels(options);
  const able = ableParts(ground, targets, levels, options);
  if (able.length === 0) throw nothingToChoose();
  const bytes = await bytesAtLevels(ground, able, levels, options, ask);
  const parts: PartLevels[] = [];
  for (const [part, own] of able) {
    throwIfCancelled(ask.signal);
    const sized = own.map((level) => [level, bytes(part, level)] as const);
    const candidates = await candidatesOf(part, sized, encoder, { ask, options, seen });
    parts.push(worthwhile({ part, candidates }));
    ask.progress((parts.length / able.length) * STAGES.encoded);
  }
  const within = { from: STAGES.encoded, end: STAGES.measured };
  const found = await sensitivities(parts, encoder, options, ask, within);
  const chosen = (levels: Assignment) => withLevels(options, found.parts, levels);
  const result = await search(
    {
      ...{ parts: found.parts, encoder, options },
      bytesLeft: parts.map(({ part }) => bytesLeft(model, part)),
      fileBytes: (levels) => ask.fileBytes(chosen(levels)),
      losses: (ablations, round) => ask.losses(ablations, roundAt(round)),
    },
    ask.signal,
  );
  ask.note(noteOf(found, result, options));
  const answer = chosen(result.best.levels);
  if (answer.chosen?.length === 0) throw lossTooSmall(options.loss);
  return answer;
}

/** Rounds of measuring the whole come last. */
function roundAt(round: number) {
  const [from, share] = [STAGES.measured, (1 - STAGES.measured) / 8];
  return { from: from + share * Math.min(7, round), end: from + share * Math.min(8, round + 1) };
}

function ableParts(
  { model }: Ground,
  targets: readonly Layer[],
  levels: readonly Level[],
  options: MixedPrecisionOptions,
): readonly (readonly [Part, readonly Level[]])[] {
  return tiedLayers(model, targets).flatMap(({ layers }) => {
    const part = partOf(model, layers);
    const able = part === undefined ? [] : levelsFor(part, levels, options, model);
    return part === undefined || able.length === 0 ? [] : [[part, able] as const];
  });
}

/** The step's options with what each part was given, layers of one level together. */
function withLevels(
  options: MixedPrecisionOptions,
  parts: readonly RatedPart[],
  levels: Assignment,
): MixedPrecisionOptions {
  const byLevel = new Map<string, Level & { layers: string[] }>();
  parts.forEach(({ part, candidates }, at) => {
    const given = candidates.at(levels[at]);
    if (given === undefined || levels[at] >= candidates.length) return;
    const { level } = given;
    const key = JSON.stringify(level);
    const entry = byLevel.get(key) ?? { ...level, layers: [] };
    entry.layers.push(...part.layers.map(({ name }) => name));
    byLevel.set(key, entry);
  });
  return { ...options, chosen: [...byLevel.values()] };
}

/** A file that is to fit a size needs one. Throws `budget-missing`. */
export function requireBudget({ aim, budget }: MixedPrecisionOptions): void {
  if (aim === 'loss' || budget !== undefined) return;
  throw new LatheError(
    'budget-missing',
    'The file is to fit a size, and nothing says which; set the budget to the most bytes it may take.',
  );
}

function nothingToChoose(): LatheError {
  return new LatheError(
    'nothing-to-choose',
    'None of the chosen layers can be given any of the methods, bits and block sizes that are allowed; allow others, or choose other layers.',
  );
}

function lossTooSmall(loss: number): LatheError {
  return new LatheError(
    'loss-too-small',
    `Within a loss of ${Number((loss * 100).toPrecision(3))} % no layer can be stored in fewer bits; allow a larger one, more bits or smaller blocks.`,
    { loss },
  );
}
