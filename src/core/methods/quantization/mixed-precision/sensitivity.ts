import type { Ablation } from '../../../ablation/types.ts';
import { paretoLevels } from '../../../allocation/pareto-levels.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Oracle } from '../../contract.ts';
import type { Candidate, Encoder, Part } from './candidates.ts';
import type { MixedPrecisionOptions } from './meta.ts';
import { atLevels, withNoise } from './replaced.ts';

/** A candidate and what it is expected to cost the model. */
export interface Rated extends Candidate {
  readonly loss: number;
  /** The model was run with it alone; else the loss is in proportion to one that was. */
  readonly measured: boolean;
}

export interface RatedPart {
  readonly part: Part;
  readonly candidates: readonly Rated[];
  /** KL per relative weight error, by noise: what the linearity theorem multiplies with. */
  readonly linear?: number;
}

export interface PartLevels {
  readonly part: Part;
  readonly candidates: readonly Candidate[];
}

/** How many losses are measured one by one, at most. */
const MOST_MEASURED = 240;
/** Parts that share their way through the model: what is done is kept after each of these. */
const TOGETHER = 4;

/** Rows of answers that are enough for one layer: levels and layers are compared on the same ones. */
const ROWS = 1000;

/** Which candidates are run: all of them, one for each number of bits, one of each part, or none. */
export type Thoroughness = 'every' | 'bits' | 'one' | 'none';

export interface Sensitivities {
  readonly parts: readonly RatedPart[];
  readonly thoroughness: Thoroughness;
}

/** Candidates of which no other takes fewer bytes and has the smaller output error. */
export function worthwhile({ part, candidates }: PartLevels): PartLevels {
  const levels = candidates.map(({ bytes, outputError }) => ({ cost: bytes, error: outputError }));
  return { part, candidates: paretoLevels(levels).map(({ level }) => candidates[level]) };
}

/**
 * What each candidate of each part costs alone. Measured: KL of the model with that part at that level and all else as it
 * is; where too many would be run, in proportion to the output error from the nearest that is. `within`: the part of the
 * decision that this is.
 */
export async function sensitivities(
  parts: readonly PartLevels[],
  encoder: Encoder,
  { sensitivity }: MixedPrecisionOptions,
  ask: Oracle<MixedPrecisionOptions>,
  within: { readonly from: number; readonly end: number },
): Promise<Sensitivities> {
  const noisy = sensitivity === 'measured' || sensitivity === 'linear';
  const thoroughness = sensitivity === 'measured' ? thoroughnessFor(parts) : 'none';
  const rated: RatedPart[] = [];
  for (let at = 0; at < parts.length; at += TOGETHER) {
    throwIfCancelled(ask.signal);
    const some = parts.slice(at, at + TOGETHER);
    const asked = some.map((own) => questionsOf(own, thoroughness, noisy, encoder, ask));
    const place = (done: number): number =>
      within.from + ((within.end - within.from) * Math.min(done, parts.length)) / parts.length;
    const losses = noisy
      ? await ask.losses(
          asked.flatMap(({ ablations }) => ablations),
          { from: place(at), end: place(at + TOGETHER), rows: ROWS },
        )
      : [];
    let from = 0;
    for (const [i, own] of some.entries()) {
      const { ablations, run } = asked[i];
      const found = losses.slice(from, (from += ablations.length)).map(({ value }) => value);
      rated.push(ratedPart(own, run, found, sensitivity));
    }
  }
  return { parts: rated, thoroughness };
}

function thoroughnessFor(parts: readonly PartLevels[]): Thoroughness {
  const kinds = ['every', 'bits', 'one'] as const;
  const runs = (kind: Thoroughness) => parts.reduce((sum, own) => sum + runIn(own, kind).length, 0);
  return kinds.find((kind) => runs(kind) <= MOST_MEASURED) ?? 'one';
}

/** The candidates of a part that are run. */
function runIn({ candidates }: PartLevels, kind: Thoroughness): readonly Candidate[] {
  if (kind === 'none' || candidates.length === 0) return [];
  if (kind === 'every') return candidates;
  if (kind === 'one') return [middle(candidates)];
  const widths = [...new Set(candidates.map(({ level }) => level.bits))];
  return widths.map((bits) => middle(candidates.filter(({ level }) => level.bits === bits)));
}

function middle<T>(list: readonly T[]): T {
  return list[Math.floor(list.length / 2)];
}

interface Questions {
  readonly run: readonly Candidate[];
  readonly ablations: readonly Ablation[];
}

function questionsOf(
  own: PartLevels,
  kind: Thoroughness,
  noisy: boolean,
  encoder: Encoder,
  ask: Pick<Oracle<MixedPrecisionOptions>, 'weight'>,
): Questions {
  const run = runIn(own, kind);
  const levels = run.map((candidate) => atLevels([[own.part, candidate]], encoder));
  const noise = noisy ? [withNoise(own.part, noiseFor(own), (layer) => ask.weight(layer))] : [];
  return { run, ablations: [...levels, ...noise] };
}

/** Noise as large as the error of a level in the middle. */
function noiseFor({ candidates }: PartLevels): number {
  return candidates.length === 0 ? 0 : middle(candidates).weightError;
}

/** `found`: losses of the candidates that were run, and behind them that of noise. */
function ratedPart(
  own: PartLevels,
  run: readonly Candidate[],
  found: readonly number[],
  sensitivity: MixedPrecisionOptions['sensitivity'],
): RatedPart {
  const noise = found.at(run.length);
  const squared = noiseFor(own);
  const linear = noise === undefined || squared === 0 ? undefined : noise / squared;
  const losses = new Map(run.map((candidate, at) => [candidate, found[at]]));
  const candidates = own.candidates.map((candidate): Rated => {
    const measured = losses.has(candidate);
    return { ...candidate, measured, loss: lossOf(candidate, losses, linear, sensitivity) };
  });
  return { part: own.part, candidates, ...(linear !== undefined && { linear }) };
}

function lossOf(
  candidate: Candidate,
  losses: ReadonlyMap<Candidate, number>,
  linear: number | undefined,
  sensitivity: MixedPrecisionOptions['sensitivity'],
): number {
  switch (sensitivity) {
    case 'measured':
      return scaled(candidate, losses);
    case 'linear':
      return (linear ?? 0) * candidate.weightError;
    case 'output':
      return candidate.outputError;
    case 'weight':
      return candidate.weightError;
  }
}

/** In proportion to the output error from the nearest candidate that was run, of the same number of bits if there is one. */
function scaled(candidate: Candidate, losses: ReadonlyMap<Candidate, number>): number {
  const away = (other: Candidate): number =>
    (other.level.bits === candidate.level.bits ? 0 : 100) +
    Math.abs(Math.log((other.outputError || 1e-30) / (candidate.outputError || 1e-30)));
  const [nearest] = [...losses].sort(([a], [b]) => away(a) - away(b));
  if (nearest === undefined) return 0;
  const [other, loss] = nearest;
  return other.outputError === 0 ? loss : (loss * candidate.outputError) / other.outputError;
}
