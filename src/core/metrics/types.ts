/** One measured number with its standard error and the count it was taken over. */
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
  'agreement',
  'cosine',
  'relativeError',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];
export type Metrics = Partial<Record<MetricName, Metric>>;
