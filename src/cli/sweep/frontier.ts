import { BETTER, type Metric, type MetricName } from '../../core/metrics/types.ts';
import { paretoFrontier } from '../../core/search/pareto.ts';
import type { DoneLine } from './trial-log.ts';

/** What frontiers are drawn of. */
const MEASURES = [
  'perplexity',
  'kl',
  'accuracy',
  'cosine',
  'relativeError',
] as const satisfies readonly MetricName[];

/** One trial on a frontier. */
export interface FrontierPoint extends Metric {
  readonly id: string;
  readonly bytes: number;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface Frontier {
  readonly version: 1;
  /** The uncompressed model, for comparison. */
  readonly original?: {
    readonly bytes: number;
    readonly metrics: Readonly<Record<string, Metric>>;
  };
  /** By measure: the Pareto-best trials, by ascending bytes. */
  readonly frontiers: Readonly<Record<string, readonly FrontierPoint[]>>;
}

/** The Pareto-best of finished trials of one model, by bytes and by each measure that was taken. */
export function frontierOf(lines: readonly DoneLine[]): Frontier {
  const frontiers: Record<string, readonly FrontierPoint[]> = {};
  for (const name of MEASURES) {
    const points = lines.flatMap((line) => pointOf(line, name));
    if (points.length > 0) frontiers[name] = paretoFrontier(points, BETTER[name]);
  }
  const first = lines.find(({ report }) => report.evaluation !== undefined) ?? lines.at(0);
  const original = first && {
    bytes: first.report.before.bytes,
    metrics: { ...first.report.evaluation?.original },
  };
  return { version: 1, ...(original && { original }), frontiers };
}

function pointOf({ id, values, report }: DoneLine, name: MetricName): FrontierPoint[] {
  const metric = report.evaluation?.compressed[name];
  return metric === undefined ? [] : [{ id, bytes: report.after.bytes, ...metric, values }];
}
