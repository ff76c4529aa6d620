/**
 * One measured number with its standard error and the count it was taken over. A single example says
 * nothing about its error: that is Infinity here and null in JSON, which has no such number.
 */
export interface Metric {
  readonly value: number;
  readonly standardError: number;
  readonly n: number;
}

/** Canonical metric names (DESIGN §10). */
export const METRIC_NAMES = [
  'perplexity',
  'kl',
  'klMedian',
  'kl99',
  'kl999',
  'sameTop1',
  'deltaP',
  'deltaPRms',
  'accuracy',
  'spanF1',
  'agreement',
  'spanAgreement',
  'cosine',
  'top10',
  'rankCorrelation',
  'relativeError',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

export type Better = 'lower' | 'higher';

/** Which way each metric is better; Δp is best near 0, so neither way is. */
export const BETTER = {
  perplexity: 'lower',
  kl: 'lower',
  klMedian: 'lower',
  kl99: 'lower',
  kl999: 'lower',
  sameTop1: 'higher',
  deltaPRms: 'lower',
  accuracy: 'higher',
  spanF1: 'higher',
  agreement: 'higher',
  spanAgreement: 'higher',
  cosine: 'higher',
  top10: 'higher',
  rankCorrelation: 'higher',
  relativeError: 'lower',
} as const satisfies Partial<Record<MetricName, Better>>;

export type Metrics = Partial<Record<MetricName, Metric>>;
