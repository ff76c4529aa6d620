import type { Interim, ModelView, Trial } from '../../../workers/protocol.ts';
import type { MetricName } from '../../core/metrics/types.ts';
import { hasChange } from './change.ts';
import { timeSetup, type TimeSetup } from './latency.ts';
import {
  comparableTrials,
  frontierPoints,
  interimOriginal,
  interimPoint,
  type ChartOf,
  type FrontierPoint,
} from './points.ts';
import { qualitiesFor, type Quality } from './quality.ts';

export interface Chosen {
  readonly quality?: MetricName;
  readonly as?: 'value' | 'change';
  readonly across: 'size' | 'time';
}

export interface Words {
  readonly original: string;
  readonly measuring: (done: number, of: number) => string;
}

/** All that the chart and its table show. */
export interface FrontierData {
  readonly qualities: readonly Quality[];
  readonly of: ChartOf;
  /** Whether the change to the original is another picture than the value. */
  readonly canChange: boolean;
  /** How times would be compared, where any were measured. */
  readonly timed?: TimeSetup;
  readonly points: readonly FrontierPoint[];
  /** Measured, but left out for want of a time. */
  readonly untimed: number;
  /** Name of the data, and how many windows or examples. */
  readonly data?: string;
  readonly n?: number;
}

export function frontierData(
  all: readonly Trial[],
  view: Pick<ModelView, 'task' | 'bytes' | 'data'>,
  chosen: Chosen,
  interim: Interim | undefined,
  words: Words,
): FrontierData | undefined {
  const trials = comparableTrials(all);
  const evaluation = trials[0]?.report?.evaluation;
  const going = isOfThisData(view, evaluation?.data) ? interim : undefined;
  const measured = trials.flatMap(({ report }) => report?.evaluation?.compressed ?? []);
  const known = measured.length > 0 || going === undefined ? measured : [going.compressed];
  const qualities = qualitiesFor(view.task, known);
  const quality = qualities.find(({ name }) => name === chosen.quality) ?? qualities.at(0);
  if (quality === undefined) return undefined;
  const original = (evaluation ?? going)?.original[quality.name];
  const canChange = hasChange(quality, original);
  const timed = timeSetup(trials);
  const of: ChartOf = {
    quality,
    as: canChange && chosen.as !== 'value' ? 'change' : 'value',
    ...(chosen.across === 'time' && timed ? { setup: timed } : {}),
  };
  const finished = frontierPoints(trials, of, words.original);
  const points = withInterim(finished, going, of, view.bytes, words);
  return {
    ...{ qualities, of, canChange, timed, points, data: evaluation?.data },
    untimed: of.setup ? trials.length - finished.filter(({ kind }) => kind === 'trial').length : 0,
    n: finished.find(({ n }) => n > 0)?.n,
  };
}

/** What is being measured belongs to the chart only where it is measured on the same data. */
function isOfThisData({ data }: Pick<ModelView, 'data'>, measuredOn: string | undefined): boolean {
  const now = data.evaluation?.name;
  return measuredOn === undefined || now === undefined || measuredOn === now;
}

function withInterim(
  points: readonly FrontierPoint[],
  interim: Interim | undefined,
  of: ChartOf,
  originalBytes: number,
  words: Words,
): readonly FrontierPoint[] {
  if (interim === undefined) return points;
  const original = points.find(({ kind }) => kind === 'original');
  const label = words.measuring(interim.done, interim.of);
  const point = interimPoint(interim, of, label, original);
  if (point === undefined) return points;
  const start = original ? [] : interimOriginal(interim, of, originalBytes, words.original);
  return [...start, ...points, point];
}
