import type { Ablation, AblationLoss } from '../../../ablation/types.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Encoder } from './candidates.ts';
import { correctedItems, correctionBy, trialOf, UNCORRECTED, type Correction } from './correct.ts';
import { neighbours } from './exchange.ts';
import type { MixedPrecisionOptions } from './meta.ts';
import type { RatedPart } from './sensitivity.ts';
import { fitLoss, fitSize, type Additive, type Assignment, type Fit } from './solve.ts';

/** An assignment that was measured as a whole. */
export interface Tried extends Fit {
  readonly truth: number;
  readonly measure: AblationLoss['measure'];
  readonly standardError: number;
}

export interface Found {
  readonly best: Tried;
  readonly tried: readonly Tried[];
}

export interface Searching {
  readonly parts: readonly RatedPart[];
  readonly encoder: Encoder;
  readonly options: MixedPrecisionOptions;
  /** Of each part as it is. */
  readonly bytesLeft: readonly number[];
  readonly fileBytes: (levels: Assignment) => Promise<number>;
  losses(ablations: readonly Ablation[], round: number): Promise<readonly AblationLoss[]>;
}

/** The first solution and two that are corrected by it; where a loss must be kept, a few more until it is. */
const ROUNDS = { size: 3, loss: 6 } as const;
/** Then, within a size, so many rounds of exchanges between parts. */
const EXCHANGES = 3;

/**
 * Solves the additive model, measures what it chose as a whole and class by class, corrects the model by truth over
 * prediction and solves again; then tries exchanges around the best. The best of what was measured: the least loss, or the fewest bytes within the loss.
 */
export async function search(searching: Searching, signal?: AbortSignal): Promise<Found> {
  const { parts, encoder, options } = searching;
  const { aim } = options;
  const tried: Tried[] = [];
  let correction = aim === 'loss' ? await calibrated(searching) : UNCORRECTED;
  let limit: number | undefined;
  for (let round = 0; round < ROUNDS[aim]; round++) {
    throwIfCancelled(signal);
    const fit = await solved(searching, correction, limit);
    if (tried.some(({ levels }) => same(levels, fit.levels))) break;
    const trial = trialOf(parts, fit.levels, encoder, round < 2);
    const losses = await searching.losses(trial.ablations, round + 1);
    const [{ value: truth, measure, standardError }] = losses;
    tried.push({ ...fit, truth, measure, standardError });
    const values = losses.map(({ value }) => value);
    limit ??= limitOf(options, measure);
    correction = correctionBy(parts, fit.levels, trial, values, correction);
    if (aim === 'loss' && keeps(tried[tried.length - 1], limit) && truth > 0.97 * limit) break;
  }
  if (aim === 'size') await exchanged(searching, correction, tried, signal);
  return { best: bestOf(tried, options), tried };
}

/** From the best on, what lies around it and fits is measured as long as that finds a better one. */
async function exchanged(
  searching: Searching,
  correction: Correction,
  tried: Tried[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { parts, encoder, options, bytesLeft } = searching;
  const items = correctedItems(parts, bytesLeft, correction);
  for (let round = 0; round < EXCHANGES; round++) {
    throwIfCancelled(signal);
    const from = bestOf(tried, options);
    const around = neighbours(items, from.levels, (options.budget ?? 0) - from.bytes);
    const fresh = around.filter((levels) => tried.every((own) => !same(own.levels, levels)));
    const trials = fresh.flatMap((levels) => trialOf(parts, levels, encoder, false).ablations);
    if (trials.length === 0) return;
    const losses = await searching.losses(trials, ROUNDS.size + 1 + round);
    const better = [...fresh.keys()]
      .filter((at) => losses[at].value < from.truth)
      .sort((a, b) => losses[a].value - losses[b].value);
    const found = await firstThatFits(searching, items, better, fresh);
    if (found === undefined) return;
    const { value: truth, measure, standardError } = losses[found.at];
    tried.push({ ...found.fit, truth, measure, standardError });
  }
}

async function firstThatFits(
  { fileBytes, options }: Searching,
  items: Additive['items'],
  order: readonly number[],
  choices: readonly Assignment[],
): Promise<{ readonly at: number; readonly fit: Fit } | undefined> {
  for (const at of order) {
    const levels = choices[at];
    const bytes = await fileBytes(levels);
    const predicted = items.reduce((sum, own, part) => sum + own[levels[part]].error, 0);
    if (bytes <= (options.budget ?? 0)) return { at, fit: { levels, bytes, predicted } };
  }
  return undefined;
}

function solved(
  { parts, bytesLeft, fileBytes, options }: Searching,
  correction: Correction,
  limit: number | undefined,
): Promise<Fit> {
  const model: Additive = { parts, items: correctedItems(parts, bytesLeft, correction), fileBytes };
  return options.aim === 'size'
    ? fitSize(model, options.budget ?? 0)
    : fitLoss(model, limit ?? limitOf(options, 'kl'));
}

/** A sum of relative errors is no loss yet: what everything at a level in the middle comes to tells the scale. */
async function calibrated(searching: Searching): Promise<Correction> {
  const { parts, encoder } = searching;
  const levels = parts.map(({ candidates }) => Math.floor(candidates.length / 2));
  const trial = trialOf(parts, levels, encoder, false);
  const losses = await searching.losses(trial.ablations, 0);
  const values = losses.map(({ value }) => value);
  return correctionBy(parts, levels, trial, values, UNCORRECTED);
}

/** Mean KL in nats, ln(1 + loss), or the relative distance itself. */
function limitOf({ loss }: MixedPrecisionOptions, measure: AblationLoss['measure']): number {
  return measure === 'kl' ? Math.log1p(loss) : loss;
}

function keeps({ truth }: Tried, limit: number): boolean {
  return truth <= limit;
}

function bestOf(tried: readonly Tried[], options: MixedPrecisionOptions): Tried {
  if (options.aim === 'size') return tried.reduce((a, b) => (b.truth < a.truth ? b : a));
  const kept = tried.filter((own) => keeps(own, limitOf(options, own.measure)));
  if (kept.length > 0) return kept.reduce((a, b) => (b.bytes < a.bytes ? b : a));
  return tried.reduce((a, b) => (b.truth < a.truth ? b : a));
}

function same(a: Assignment, b: Assignment): boolean {
  return a.every((level, at) => level === b[at]);
}
