import { BETTER, type Metric, type MetricName, type Metrics } from './types.ts';

export const VERDICTS = ['better', 'equal', 'worse', 'not measured'] as const;

/** The four words in which every trial ends. */
export type VerdictWord = (typeof VERDICTS)[number];

/** A trial's size and what was measured on it. */
export interface MeasuredSide {
  readonly bytes: number;
  /** Absent when nothing could be measured. */
  readonly evaluation?: {
    /** Of the evaluation data, and how the model was run on it: both must be the same on both sides. */
    readonly sha256: string;
    readonly protocol: string;
    readonly compressed: Metrics;
    /** Against the original, paired by window or example. */
    readonly difference: Metrics;
  };
}

export interface Verdict {
  readonly word: VerdictWord;
  /** Bytes of the trial, over those of the baseline. */
  readonly size: number;
  /** What decided about quality, and trial − baseline in it. */
  readonly metric?: MetricName;
  readonly difference?: Metric;
  /** Why nothing was decided. */
  readonly reason?: string;
}

/**
 * What decides, by task, the first that was measured: language models; token classifiers and classifiers with
 * labels, then without; encoders; all others.
 */
const DECIDING = [
  'perplexity',
  'spanF1',
  'accuracy',
  'spanAgreement',
  'agreement',
  'cosine',
  'relativeError',
] as const;

export type DecidingMetric = (typeof DECIDING)[number];

/** What quality is judged by, of what was measured. */
export function decidingMetric(...measured: readonly Metrics[]): DecidingMetric | undefined {
  return DECIDING.find((name) => measured.every((metrics) => metrics[name] !== undefined));
}

/** Files whose sizes differ by less count as equally large: names and small tensors differ. */
const SAME_SIZE = 0.01;
/** A difference is more than chance where it is larger than so many standard errors. */
export const STANDARD_ERRORS = 2;

/**
 * A trial against its baseline. Quality is better or worse where the difference in the task's measure is more than
 * two standard errors, size where files differ by more than 1 %. *better*: better in one, and worse in none;
 * *worse*: the reverse; *equal*: neither beats the other. `paired` holds differences trial − baseline taken on the
 * same windows or examples; without it the errors of both are added as if they were independent, which is the
 * cautious side for two models on the same data.
 */
export function verdict(own: MeasuredSide, baseline: MeasuredSide, paired: Metrics = {}): Verdict {
  const size = own.bytes / baseline.bytes;
  const found = decidingDifference(own, baseline, paired);
  if (typeof found === 'string') return { word: 'not measured', size, reason: found };
  const { metric, difference } = found;
  if (!Number.isFinite(difference.standardError ?? NaN)) {
    const reason = 'one window or example says nothing about its error';
    return { word: 'not measured', size, metric, difference, reason };
  }
  const quality = sideOf(difference, metric);
  const bytes = Math.abs(size - 1) <= SAME_SIZE ? 0 : size < 1 ? 1 : -1;
  return { word: wordOf(quality, bytes), size, metric, difference };
}

/** 1 better, −1 worse, 0 within the error. */
function sideOf({ value, standardError }: Metric, metric: DecidingMetric): -1 | 0 | 1 {
  if (Math.abs(value) <= STANDARD_ERRORS * standardError) return 0;
  return value > 0 === (BETTER[metric] === 'higher') ? 1 : -1;
}

function wordOf(quality: number, bytes: number): VerdictWord {
  if (quality * bytes < 0) return 'equal';
  const sum = quality + bytes;
  return sum === 0 ? 'equal' : sum > 0 ? 'better' : 'worse';
}

interface Deciding {
  readonly metric: DecidingMetric;
  readonly difference: Metric;
}

function decidingDifference(
  own: MeasuredSide,
  baseline: MeasuredSide,
  paired: Metrics,
): Deciding | string {
  const [a, b] = [own.evaluation, baseline.evaluation];
  if (a === undefined || b === undefined) return 'nothing was measured on it';
  if (a.sha256 !== b.sha256 || a.protocol !== b.protocol) {
    return 'the two were measured on different data or in different ways';
  }
  const metric = decidingMetric(a.compressed, b.compressed);
  if (metric === undefined) return 'no measure was taken of both';
  return { metric, difference: paired[metric] ?? unpaired(a, b, metric) };
}

type Evaluated = NonNullable<MeasuredSide['evaluation']>;

/** Differences from the same original have the smaller errors, where they are known. */
function unpaired(a: Evaluated, b: Evaluated, metric: MetricName): Metric {
  const [one, other] = [a, b].map(
    ({ difference, compressed }) => difference[metric] ?? compressed[metric],
  );
  const { value: x, standardError: s, n } = one ?? NOTHING;
  const { value: y, standardError: t, n: m } = other ?? NOTHING;
  return { value: x - y, standardError: Math.hypot(s, t), n: Math.min(n, m) };
}

const NOTHING: Metric = { value: NaN, standardError: NaN, n: 0 };

/** One layer's error beside its baseline's on the same layer. */
export interface ComparedLayer {
  readonly method: string;
  readonly relativeError: number;
  readonly baselineRelativeError?: number;
}

export interface LayerVerdict {
  readonly method: string;
  readonly word: VerdictWord;
  /** Layers on which it was better, of those where both were measured. */
  readonly won: number;
  readonly total: number;
}

/**
 * Per method: better than its baseline where it is so on most layers, worse where the baseline is. A layer's error is
 * no sample, so layers are counted; a tie is no win.
 */
export function layerVerdicts(layers: readonly ComparedLayer[]): LayerVerdict[] {
  const byMethod = new Map<string, { won: number; lost: number; total: number }>();
  for (const { method, relativeError, baselineRelativeError } of layers) {
    if (baselineRelativeError === undefined) continue;
    const count = byMethod.get(method) ?? { won: 0, lost: 0, total: 0 };
    count.total += 1;
    if (relativeError < baselineRelativeError) count.won += 1;
    if (relativeError > baselineRelativeError) count.lost += 1;
    byMethod.set(method, count);
  }
  return [...byMethod].map(([method, { won, lost, total }]) => {
    const word = 2 * won > total ? 'better' : 2 * lost > total ? 'worse' : 'equal';
    return { method, word, won, total };
  });
}
