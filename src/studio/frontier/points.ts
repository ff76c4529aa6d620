import type { Metric } from '../../core/metrics/types.ts';
import type { Report } from '../../core/report/types.ts';
import { ORIGINAL, type Interim, type Trial } from '../../../workers/protocol.ts';
import { paretoFrontier } from '../../core/search/pareto.ts';
import { changeFactor, type Scoring } from './change.ts';
import { timeOf, type TimeSetup, type TrialTime } from './latency.ts';

/** Stands for the trial that is being measured where a point's id is asked for. */
export const INTERIM = 'interim';

export interface FrontierPoint {
  readonly id: string;
  /** `interim`: being measured, so that it is on no frontier yet. */
  readonly kind: 'original' | 'trial' | 'interim';
  readonly label: string;
  readonly bytes: number;
  /** Time of a run, where this chart is about it. */
  readonly time?: TrialTime;
  /** Where it lies across: bytes, or its time as a multiple of the original's. */
  readonly x: number;
  /** Where it counts on the frontier: as `x`, but as the original where its time differs by chance. */
  readonly rank: number;
  /** And upwards: the value, or its change to the original. */
  readonly y: number;
  /** Half the error bar, in units of `y`: of the paired difference where there is one, else of the value. */
  readonly bar: number;
  /** The metric as it was measured. */
  readonly value: number;
  readonly standardError: number;
  readonly n: number;
  /** Paired difference to the original, where it was measured. */
  readonly difference?: Metric;
  /** Measured by the project, not in this browser. */
  readonly shipped: boolean;
  readonly onFrontier: boolean;
}

/** What a chart is of. */
export interface ChartOf extends Scoring {
  /** Set: time across, of trials timed like this; else size. */
  readonly setup?: TimeSetup;
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
  of: ChartOf,
  originalLabel: string,
): FrontierPoint[] {
  const measured = [
    ...originalPoint(trials, of, originalLabel),
    ...trials.flatMap((trial) => trialPoint(trial, of)),
  ];
  const best = paretoFrontier(
    measured.map(({ rank, y }) => ({ bytes: rank, value: y })),
    of.quality.better,
  );
  return measured.map((point) => ({
    ...point,
    // The frontier holds equal points once; each of them is as good.
    onFrontier: best.some(({ bytes, value }) => bytes === point.rank && value === point.y),
  }));
}

type Unranked = Omit<FrontierPoint, 'onFrontier'>;

function trialPoint(trial: Trial, of: ChartOf): Unranked[] {
  const { report } = trial;
  const { name } = of.quality;
  const metric = report?.evaluation?.compressed[name];
  if (trial.state !== 'done' || report === undefined || metric === undefined) return [];
  const time = of.setup && timeOf(trial, of.setup);
  if (of.setup && time === undefined) return [];
  const difference = report.evaluation?.difference[name];
  const { bytes } = report.after;
  const x = time?.ratio ?? bytes;
  return [
    {
      ...{ id: trial.id, kind: 'trial', label: trial.name, bytes, time },
      ...{ x, rank: time?.same === true ? 1 : x, shipped: trial.shipped === true, difference },
      ...drawn(of, metric, difference, originalOf(report, of)),
    },
  ];
}

/** The value and its bar as they are drawn. */
function drawn(of: ChartOf, metric: Metric, difference?: Metric, original?: Metric) {
  const { value, standardError, n } = metric;
  const factor = of.as === 'change' && original ? changeFactor(of.quality, original.value) : 1;
  const change = difference?.value ?? value - (original?.value ?? 0);
  const y = of.as === 'change' ? change * factor : value;
  return { value, standardError, n, y, bar: barOf(difference ?? metric) * factor };
}

function originalOf(report: Report, { quality }: ChartOf): Metric | undefined {
  return report.evaluation?.original[quality.name] ?? byDefinition(quality);
}

function originalPoint(trials: readonly Trial[], of: ChartOf, label: string): Unranked[] {
  for (const { report, state } of trials) {
    if (state !== 'done' || report?.evaluation === undefined) continue;
    const metric = originalOf(report, of);
    if (metric === undefined) continue;
    // Paired differences are measured from the original: there it is exact.
    const paired = report.evaluation.difference[of.quality.name] !== undefined;
    const { value, standardError, n } = metric;
    const { bytes } = report.before;
    const x = of.setup ? 1 : bytes;
    return [
      {
        ...{ id: ORIGINAL, kind: 'original', label, bytes, x, rank: x },
        ...{ value, standardError, n, y: of.as === 'change' ? 0 : value, shipped: false },
        bar: paired || of.as === 'change' ? 0 : barOf(metric),
      },
    ];
  }
  return [];
}

function byDefinition({ ofOriginal }: Scoring['quality']): Metric | undefined {
  return ofOriginal === undefined ? undefined : { value: ofOriginal, standardError: 0, n: 0 };
}

/** Nothing is drawn of an error that is not known. */
function barOf({ standardError }: Pick<Metric, 'standardError'>): number {
  return Number.isFinite(standardError) ? standardError : 0;
}

/**
 * The trial that is being measured. The first documents may be harder or easier than all of them, for the original
 * too: so it is drawn as far from the original as it is on the same documents.
 */
export function interimPoint(
  { bytes, done, of: all, compressed, difference, original }: Interim,
  of: ChartOf,
  label: string,
  measuredOriginal?: FrontierPoint,
): FrontierPoint | undefined {
  const { name } = of.quality;
  const metric = compressed[name];
  if (metric === undefined || done >= all || of.setup) return undefined;
  const paired = difference[name];
  const here = drawn(of, metric, paired, original[name] ?? byDefinition(of.quality));
  const from = of.as === 'value' ? measuredOriginal?.value : undefined;
  const y = from !== undefined && paired ? from + paired.value : here.y;
  return {
    ...{ id: INTERIM, kind: 'interim', label, bytes, x: bytes, rank: bytes, shipped: false },
    ...{ ...here, y, difference: paired, onFrontier: false },
  };
}

/** The original while its first trial is being measured. */
export function interimOriginal(
  { original }: Interim,
  of: ChartOf,
  bytes: number,
  label: string,
): FrontierPoint[] {
  const metric = original[of.quality.name] ?? byDefinition(of.quality);
  if (metric === undefined) return [];
  const { value, standardError, n } = metric;
  const y = of.as === 'change' ? 0 : value;
  return [
    {
      ...{ id: ORIGINAL, kind: 'original', label, bytes, x: bytes, rank: bytes, shipped: false },
      ...{ value, standardError, n, y, bar: 0, onFrontier: true },
    },
  ];
}

/**
 * The frontier as a line: up to the next larger file, nothing better than the smaller one exists,
 * so the line runs level and then steps.
 */
export function staircase(
  frontier: readonly { readonly rank: number; readonly y: number }[],
): { x: number; y: number }[] {
  const sorted = [...frontier].sort((a, b) => a.rank - b.rank);
  return sorted.flatMap(({ rank: x, y }, index) => {
    const previous = sorted[index - 1];
    return previous === undefined
      ? [{ x, y }]
      : [
          { x, y: previous.y },
          { x, y },
        ];
  });
}
