import type { Metric } from '../../core/metrics/types.ts';
import { ORIGINAL, type Trial } from '../../../workers/protocol.ts';
import { paretoFrontier } from '../../core/search/pareto.ts';
import type { Quality } from './quality.ts';

export interface FrontierPoint {
  readonly id: string;
  readonly kind: 'original' | 'trial';
  readonly label: string;
  readonly bytes: number;
  readonly value: number;
  readonly standardError: number;
  readonly n: number;
  /** Paired difference to the original, where it was measured. */
  readonly difference?: Metric;
  /** Half the error bar: of the paired difference where there is one, else of the value itself. */
  readonly bar: number;
  readonly onFrontier: boolean;
}

/** Trials measured on the data of the newest one: others do not belong on the same chart. */
export function comparableTrials(trials: readonly Trial[]): readonly Trial[] {
  const measured = trials.filter(
    ({ state, report }) => state === 'done' && report?.evaluation !== undefined,
  );
  const newest = measured.reduce<Trial | undefined>(
    (latest, trial) =>
      latest === undefined || trial.createdAt > latest.createdAt ? trial : latest,
    undefined,
  );
  const data = newest?.report?.evaluation?.sha256;
  return measured.filter(({ report }) => report?.evaluation?.sha256 === data);
}

/** Every measured trial of one model as a point, the original first; nothing estimated gets in. */
export function frontierPoints(
  trials: readonly Trial[],
  quality: Quality,
  originalLabel: string,
): FrontierPoint[] {
  const measured = [
    ...originalPoint(trials, quality, originalLabel),
    ...trials.flatMap((trial) => trialPoint(trial, quality)),
  ];
  const best = paretoFrontier(measured, quality.better);
  return measured.map((point) => ({
    ...point,
    // The frontier holds equal points once; each of them is as good.
    onFrontier: best.some(({ bytes, value }) => bytes === point.bytes && value === point.value),
  }));
}

type Unranked = Omit<FrontierPoint, 'onFrontier'>;

function trialPoint(trial: Trial, quality: Quality): Unranked[] {
  const { report } = trial;
  const metric = report?.evaluation?.compressed[quality.name];
  if (trial.state !== 'done' || report === undefined || metric === undefined) return [];
  const difference = report.evaluation?.difference[quality.name];
  const bar = barOf(difference ?? metric);
  return [{ ...point(trial.id, 'trial', trial.name, report.after.bytes, metric), bar, difference }];
}

function originalPoint(trials: readonly Trial[], quality: Quality, label: string): Unranked[] {
  for (const { report, state } of trials) {
    if (state !== 'done' || report?.evaluation === undefined) continue;
    const metric = report.evaluation.original[quality.name] ?? byDefinition(quality);
    if (metric !== undefined) {
      const original = point(ORIGINAL, 'original', label, report.before.bytes, metric);
      // Paired differences are measured from the original: there it is exact.
      const paired = report.evaluation.difference[quality.name] !== undefined;
      return [paired ? { ...original, bar: 0 } : original];
    }
  }
  return [];
}

function byDefinition({ ofOriginal }: Quality): Metric | undefined {
  return ofOriginal === undefined ? undefined : { value: ofOriginal, standardError: 0, n: 0 };
}

function point(
  id: string,
  kind: FrontierPoint['kind'],
  label: string,
  bytes: number,
  { value, standardError, n }: Metric,
): Unranked {
  return { id, kind, label, bytes, value, standardError, n, bar: barOf({ standardError }) };
}

/** Nothing is drawn of an error that is not known. */
function barOf({ standardError }: Pick<Metric, 'standardError'>): number {
  return Number.isFinite(standardError) ? standardError : 0;
}

/** Round numbers (1, 2 or 5 · 10ⁿ apart) from below the least to above the largest value. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const span = high - low > 0 ? high - low : Math.abs(high) || 1;
  const raw = span / count;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * magnitude >= raw) ?? 10) * magnitude;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, at) => roundTo((first + at) * step, step));
}

/** Removes the 0.30000000000000004 of adding steps. */
function roundTo(value: number, step: number): number {
  return Number(value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(step)))));
}

/**
 * The frontier as a line: up to the next larger file, nothing better than the smaller one exists,
 * so the line runs level and then steps.
 */
export function staircase(frontier: readonly FrontierPoint[]): { bytes: number; value: number }[] {
  const sorted = [...frontier].sort((a, b) => a.bytes - b.bytes);
  return sorted.flatMap((point, index) => {
    const here = { bytes: point.bytes, value: point.value };
    const previous = sorted[index - 1];
    return previous === undefined ? [here] : [{ bytes: point.bytes, value: previous.value }, here];
  });
}
