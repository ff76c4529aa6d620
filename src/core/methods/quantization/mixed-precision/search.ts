import type { Ablation, AblationLoss } from '../../../ablation/types.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Encoder } from './candidates.ts';
import { correctedItems, correctionBy, trialOf, UNCORRECTED, type Correction } from './correct.ts';
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
  fileBytes(levels: Assignment): Promise<number>;
  losses(ablations: readonly Ablation[], round: number): Promise<readonly AblationLoss[]>;
}

/** The first solution and two that are corrected by it; where a loss must be kept, a few more until it is. */
const ROUNDS = { size: 3, loss: 6 } as const;

/**
 * Solves the additive model, measures what it chose as a whole and class by class, corrects the model by truth over
 * prediction and solves again. The best of what was measured: the least loss, or the fewest bytes within the loss.
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
  return { best: bestOf(tried, options), tried };
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
