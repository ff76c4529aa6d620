import type { Metric, MetricName, Metrics } from '../../../../core/metrics/types.ts';
import { METRIC_NAMES } from '../../../../core/metrics/types.ts';
import type { Report } from '../../../../core/report/types.ts';
import { formatMetric, signed } from '../../../format/format.ts';
import { en } from '../../../strings/en.ts';
import styles from './result-column.module.css';

type Evaluation = NonNullable<Report['evaluation']>;

/** Every metric with ± and n: original, compressed, and the paired difference. */
export function MetricsTable({ evaluation }: { evaluation: Evaluation }) {
  const { original, compressed, difference } = evaluation;
  const names = METRIC_NAMES.filter((name) => compressed[name] !== undefined).sort(
    (a, b) => Number(isOwnDifference(a)) - Number(isOwnDifference(b)),
  );
  return (
    <>
      <table className={styles.metrics}>
        <thead>
          <tr>
            <th scope="col">{en.result.columns.metric}</th>
            <th scope="col">{en.result.columns.original}</th>
            <th scope="col">{en.result.columns.compressed}</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{en.metrics[name]}</th>
              {original[name] !== undefined && (
                <td>
                  <Value name={name} metrics={original} />
                </td>
              )}
              <td colSpan={original[name] === undefined ? 2 : 1}>
                <Value name={name} metrics={compressed} />
                <Change name={name} metrics={difference} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.protocol}>
        {evaluation.data}: {evaluation.protocol}
      </p>
    </>
  );
}

interface ValueProps {
  readonly name: MetricName;
  readonly metrics: Metrics;
}

function Value({ name, metrics }: ValueProps) {
  const metric = metrics[name];
  if (metric === undefined) return '–';
  const { value, error } = formatMetric(name, metric);
  return (
    <span title={`${en.frontier.n} = ${metric.n}`}>
      <strong>{value}</strong> <small>{error}</small>
    </span>
  );
}

/** The paired difference, where it is not the metric itself. */
function Change({ name, metrics }: ValueProps) {
  const metric = metrics[name];
  if (metric === undefined || isOwnDifference(name)) return null;
  const { value, error } = formatMetric(name, metric);
  return (
    <span className={styles.change} title={significance(metric)}>
      <span>{signed(metric.value, value)}</span> <span>{error}</span>
    </span>
  );
}

/** KL and its like already compare with the original. */
function isOwnDifference(name: MetricName): boolean {
  return name !== 'perplexity' && name !== 'accuracy' && name !== 'spanF1';
}

function significance({ value, standardError }: Metric): string {
  return Math.abs(value) > 2 * standardError ? en.result.outside : en.result.within;
}
