import {
  decidingMetric,
  layerVerdicts,
  STANDARD_ERRORS,
  type DecidingMetric,
  type LayerVerdict,
} from '../metrics/verdict.ts';
import { BETTER, type Metric, type MetricName } from '../metrics/types.ts';
import { speedOf, type Speed } from './speed.ts';
import type { Report } from './types.ts';

/** The word a result ends in, against the original. */
export const VERDICT_WORDS = ['better', 'equal', 'worse', 'not-measured'] as const;
export type VerdictWord = (typeof VERDICT_WORDS)[number];

/** What the word rests on. Of those behind `not-measured` each has another reason. */
const WORD_OF = {
  better: 'better',
  /** More than chance, and surely less than the margin. */
  'slightly-better': 'better',
  equal: 'equal',
  'slightly-worse': 'worse',
  worse: 'worse',
  /** The compressed model answers something that is no number. */
  'no-number': 'worse',
  /** The error is too large to tell a loss from none. */
  'not-told-apart': 'not-measured',
  /** A single window or example: the error is not known. */
  'one-example': 'not-measured',
  /** Made-up inputs: how far the outputs moved, not whether that matters. */
  'made-up': 'not-measured',
  'not-run': 'not-measured',
} as const satisfies Record<string, VerdictWord>;

export type Finding = keyof typeof WORD_OF;

/** What was found of a model's quality, beside the original's. */
export interface QualityVerdict {
  readonly word: VerdictWord;
  readonly finding: Finding;
  /** The task's measure; absent where nothing was measured. */
  readonly metric?: MetricName;
  readonly compressed?: Metric;
  /** compressed − original, paired; of a measure that compares with the original, from what that has by definition. */
  readonly difference?: Metric;
  /** The difference over the original's value, where a ratio says something (perplexity). */
  readonly relative?: number;
  /** The metric is a distance to the original itself, not a quality of its own. */
  readonly fidelity?: true;
  /** Windows or examples behind it. */
  readonly examples?: number;
  /** Why nothing was measured, from the report. */
  readonly reason?: string;
}

/** A result in short: what it costs, and is it worth it. */
export interface Verdict extends QualityVerdict {
  /** Bytes before over bytes after: 3.5 times smaller. */
  readonly size: number;
  /** The same of what a token takes in the key/value cache, where that changed. */
  readonly cache?: number;
  readonly speed?: Speed;
  /** Layers against the baseline at these bytes, by method; absent where there is none. */
  readonly againstBaseline?: readonly LayerVerdict[];
  /** Measuring was ended early. */
  readonly stopped?: { readonly done: number; readonly of: number };
}

/** What quality is judged from: a report's evaluation, or as much of it as is there yet. */
export type Measured = Pick<
  NonNullable<Report['evaluation']>,
  'original' | 'compressed' | 'difference' | 'each'
>;

/**
 * A share of the original's value, or points of a share: a difference that is surely smaller is no loss that anybody
 * would notice, and an interval that is wider cannot say that there is none.
 */
export const MARGIN = 0.01;

/**
 * The same of what float32 leaves to chance: a model that computes the same in another order of sums (turned, scaled,
 * joined) differs by some 1e-7 of its perplexity, on every example alike, so that its error is as small.
 */
const ROUNDING = 1e-5;

/** What the original has by definition in measures that compare with it. */
const OF_ORIGINAL: Readonly<Partial<Record<DecidingMetric, number>>> = {
  spanAgreement: 1,
  agreement: 1,
  cosine: 1,
  relativeError: 0,
};

/** Shares of examples: where none differs the standard error is 0, but the share that could differ is not. */
const SHARES: readonly MetricName[] = ['spanF1', 'accuracy', 'spanAgreement', 'agreement'];

/** With no case in n, the 95 % bound on the share of cases: the rule of three. */
const RULE_OF_THREE = 3;

/**
 * A report in one word against the original, by the interval difference ± 2 standard errors of the task's measure:
 * without 0, *better* or *worse* ("slightly" where it lies within ±1 %); with 0, *equal* where it lies within ±1 % and
 * *not measured* where it is wider. docs/measuring.md has the table.
 */
export function verdictOf(report: Report): Verdict {
  const { before, after, cache, layers, evaluation } = report;
  const speed = speedOf(report);
  const againstBaseline = layerVerdicts(layers);
  return {
    ...qualityOf(report),
    size: before.bytes / after.bytes,
    ...(cache && { cache: cache.before / cache.after }),
    ...(speed && { speed }),
    ...(againstBaseline.length > 0 && { againstBaseline }),
    ...(evaluation?.stopped && { stopped: evaluation.stopped }),
  };
}

function qualityOf({ evaluation, scores, notMeasured }: Report): QualityVerdict {
  if (evaluation === undefined) return found('not-run', { reason: notMeasured ?? NOTHING });
  const quality = qualityVerdict(evaluation);
  return scores === 'quality' ? quality : { ...quality, ...found('made-up') };
}

const NOTHING = 'nothing was measured on it';
const NO_ORIGINAL = 'the original was not measured beside it';

/** The same of an evaluation alone, which may still be going on. */
export function qualityVerdict({
  original,
  compressed,
  difference,
  each,
}: Measured): QualityVerdict {
  const metric = decidingMetric(compressed);
  const own = metric && compressed[metric];
  if (metric === undefined || own === undefined) return found('not-run', { reason: NOTHING });
  const reference = original[metric] ?? byDefinition(metric, own);
  const known = { metric, compressed: own, examples: each?.compressed.length ?? own.n };
  if (reference === undefined || !Number.isFinite(reference.value))
    return found('not-run', { ...known, reason: NO_ORIGINAL });
  const apart = difference[metric] ?? unpaired(own, reference);
  const fidelity = original[metric] === undefined;
  const share = isRatio(metric) ? reference.value : 1;
  return found(
    findingOf(metric, apart, { fidelity, margin: MARGIN * share, rounding: ROUNDING * share }),
    {
      ...known,
      difference: apart,
      ...(isRatio(metric) && { relative: apart.value / reference.value }),
      ...(fidelity && { fidelity }),
    },
  );
}

function found(finding: Finding, more: Partial<QualityVerdict> = {}): QualityVerdict {
  return { word: WORD_OF[finding], finding, ...more };
}

/** Perplexity has no scale of its own; all other measures lie between 0 and 1. */
function isRatio(metric: DecidingMetric): boolean {
  return metric === 'perplexity';
}

function byDefinition(metric: DecidingMetric, { n }: Metric): Metric | undefined {
  const value = OF_ORIGINAL[metric];
  return value === undefined ? undefined : { value, standardError: 0, n };
}

/** Errors added as if they were independent: the cautious side for two models on the same data. */
function unpaired(own: Metric, reference: Metric): Metric {
  return {
    value: own.value - reference.value,
    standardError: Math.hypot(own.standardError, reference.standardError),
    n: Math.min(own.n, reference.n),
  };
}

interface Scale {
  readonly fidelity: boolean;
  readonly margin: number;
  readonly rounding: number;
}

function findingOf(
  metric: DecidingMetric,
  apart: Metric,
  { fidelity, margin, rounding }: Scale,
): Finding {
  const { value } = apart;
  if (!Number.isFinite(value)) return 'no-number';
  const half = halfWidth(metric, apart);
  if (!Number.isFinite(half)) return 'one-example';
  const interval = Math.abs(value) + half;
  const within = interval <= margin;
  // Two models are never the same bit by bit: what compares with the original is judged by the margin alone.
  if (within && (fidelity || Math.abs(value) <= half)) return 'equal';
  if (interval <= rounding) return 'equal';
  if (Math.abs(value) <= half) return 'not-told-apart';
  const side = value > 0 === (BETTER[metric] === 'higher') ? 'better' : 'worse';
  return within ? `slightly-${side}` : side;
}

/**
 * Half of the interval a difference lies in: two standard errors. Of a share in which no example differs, 3 / n, the
 * 95 % bound on how many could.
 */
export function halfWidth(metric: MetricName, { value, standardError, n }: Metric): number {
  if (value === 0 && standardError === 0 && SHARES.includes(metric)) return RULE_OF_THREE / n;
  return STANDARD_ERRORS * standardError;
}
