import type { MetricName, Metrics } from '../../../core/metrics/types.ts';
import { METRIC_NAMES } from '../../../core/metrics/types.ts';
import type { Trial } from '../../../../workers/protocol.ts';
import {
  formatBytes,
  formatMetric,
  formatRatio,
  signed,
  significant,
} from '../../format/format.ts';
import { recipeDifferences } from '../../recipe/diff.ts';
import { en } from '../../strings/en.ts';
import styles from './runs-screen.module.css';

interface ComparisonProps {
  readonly a: Trial;
  readonly b: Trial;
}

/** Two trials side by side: what was measured, and where their recipes differ. */
export function Comparison({ a, b }: ComparisonProps) {
  return (
    <section className={styles.comparison} aria-label={en.runs.compare}>
      <MetricsCompared a={a} b={b} />
      <RecipesCompared a={a} b={b} />
    </section>
  );
}

function MetricsCompared({ a, b }: ComparisonProps) {
  const left = a.report?.evaluation?.compressed ?? {};
  const right = b.report?.evaluation?.compressed ?? {};
  const names = METRIC_NAMES.filter((name) => left[name] ?? right[name]);
  return (
    <table className={styles.compared}>
      <thead>
        <tr>
          <th scope="col">{en.runs.metric}</th>
          <th scope="col">A · {a.name}</th>
          <th scope="col">B · {b.name}</th>
          <th scope="col">{en.runs.difference}</th>
        </tr>
      </thead>
      <tbody>
        <SizeLine a={a} b={b} />
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{en.metrics[name]}</th>
            <td>{cell(name, left)}</td>
            <td>{cell(name, right)}</td>
            <td>{differenceCell(name, left, right)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SizeLine({ a, b }: ComparisonProps) {
  const left = a.report?.after;
  const right = b.report?.after;
  if (left === undefined || right === undefined) return null;
  const change = right.bytes - left.bytes;
  const bits = right.bitsPerWeight - left.bitsPerWeight;
  return (
    <>
      <tr>
        <th scope="row">{en.runs.size}</th>
        <td>{formatBytes(left.bytes)}</td>
        <td>{formatBytes(right.bytes)}</td>
        <td title={formatRatio(left.bytes, right.bytes)}>{signed(change, formatBytes(change))}</td>
      </tr>
      <tr>
        <th scope="row">{en.result.bitsPerWeight}</th>
        <td>{significant(left.bitsPerWeight)}</td>
        <td>{significant(right.bitsPerWeight)}</td>
        <td>{signed(bits, significant(bits))}</td>
      </tr>
    </>
  );
}

function cell(name: MetricName, metrics: Metrics): string {
  const metric = metrics[name];
  if (metric === undefined) return '–';
  const { value, error } = formatMetric(name, metric);
  return `${value} ${error}`;
}

/** The error is that of two independent measurements: an upper bound, as both saw the same data. */
function differenceCell(name: MetricName, a: Metrics, b: Metrics): string {
  const left = a[name];
  const right = b[name];
  if (left === undefined || right === undefined) return '–';
  const value = right.value - left.value;
  const standardError = Math.hypot(left.standardError, right.standardError);
  const text = formatMetric(name, { value, standardError, n: Math.min(left.n, right.n) });
  return `${signed(value, text.value)} ${text.error}`;
}

function RecipesCompared({ a, b }: ComparisonProps) {
  const differences = recipeDifferences(a.recipe, b.recipe);
  return (
    <div>
      <h2>{en.runs.settings}</h2>
      {differences.length === 0 ? (
        <p>{en.runs.same}</p>
      ) : (
        <table className={styles.compared}>
          <tbody>
            {differences.map(({ path, a: left, b: right }) => (
              <tr key={path}>
                <th scope="row">
                  <code>{path}</code>
                </th>
                <td>{left ?? en.runs.absent}</td>
                <td>{right ?? en.runs.absent}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
