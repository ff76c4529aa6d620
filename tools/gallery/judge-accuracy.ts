import type { Metric } from '../../src/core/metrics/types.ts';
import type { Baseline, Verdict } from './entry.ts';

export function percent({ value, standardError, n }: Metric): string {
  return `${(100 * value).toFixed(2)} % ± ${(100 * standardError).toFixed(2)} % (n = ${n})`;
}

/** Whether an accuracy reaches `least`, and the sentence that says so. */
export function judgeAccuracy(
  figure: Metric,
  least: number,
  why: string,
  baselines: readonly Baseline[],
): Verdict {
  const met = figure.value >= least;
  const beside = baselines.map(({ name, metric }) => `${name} ${percent(metric)}`).join(', ');
  const sentence = `Accuracy ${percent(figure)}; ${met ? 'at least' : 'below'} ${(100 * least).toFixed(2)} %, ${why}. Beside it: ${beside}.`;
  return { met, sentence };
}
