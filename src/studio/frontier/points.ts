import type { Metric } from '../../core/metrics/types.ts';
import type { Trial } from '../../../workers/protocol.ts';
import { paretoFrontier } from './pareto.ts';
import type { Quality } from './quality.ts';

export interface FrontierPoint {
  readonly id: string;
  readonly kind: 'original' | 'trial';
  readonly label: string;
  readonly bytes: number;
  readonly value: number;
  readonly standardError: number;
  readonly n: number;
  readonly onFrontier: boolean;
}

export const ORIGINAL_ID = 'original';

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
  const best = new Set(paretoFrontier(measured, quality.better).map(({ id }) => id));
  return measured.map((point) => ({ ...point, onFrontier: best.has(point.id) }));
}

type Unranked = Omit<FrontierPoint, 'onFrontier'>;

function trialPoint(trial: Trial, quality: Quality): Unranked[] {
  const { report } = trial;
  const metric = report?.evaluation?.compressed[quality.name];
  if (trial.state !== 'done' || report === undefined || metric === undefined) return [];
  return [point(trial.id, 'trial', trial.name, report.after.bytes, metric)];
}

function originalPoint(trials: readonly Trial[], quality: Quality, label: string): Unranked[] {
  for (const { report, state } of trials) {
    if (state !== 'done' || report?.evaluation === undefined) continue;
    const metric = report.evaluation.original[quality.name] ?? byDefinition(quality);
    if (metric !== undefined) {
      return [point(ORIGINAL_ID, 'original', label, report.before.bytes, metric)];
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
  return { id, kind, label, bytes, value, standardError, n };
}

/** A readable axis around the values and their error bars, with a little air; never inverted. */
export function paddedDomain(values: readonly number[], share = 0.08): [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const air = (high - low || Math.abs(high) || 1) * share;
  return [low - air, high + air];
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
