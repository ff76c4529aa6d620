import type { Metrics } from '../../core/metrics/types.ts';
import type { Report } from '../../core/report/types.ts';
import type { Interim } from '../../../workers/protocol.ts';

/** What the first quarters of the documents say: the same numbers, less sure. */
export function interimOf({ after, evaluation }: Report, quarters: number): Interim {
  const wider = (metrics: Metrics): Metrics =>
    Object.fromEntries(
      Object.entries(metrics).map(([name, metric]) => {
        const standardError = metric.standardError * Math.sqrt(4 / quarters);
        return [name, { ...metric, standardError, n: metric.n * (quarters / 4) }];
      }),
    );
  const { original = {}, compressed = {}, difference = {} } = evaluation ?? {};
  return {
    ...{ bytes: after.bytes, done: 15 * quarters, of: 60 },
    ...{ original: wider(original), compressed: wider(compressed), difference: wider(difference) },
  };
}
