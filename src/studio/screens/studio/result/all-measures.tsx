import { METRIC_NAMES, type MetricName } from '../../../../core/metrics/types.ts';
import { formatDifference, formatMetric } from '../../../../core/metrics/metric-text.ts';
import type { Report } from '../../../../core/report/types.ts';
import { grouped } from '../../../format/format.ts';
import { ERROR_DEFINITION, METRIC_DEFINITIONS } from '../../../strings/en-metrics.ts';
import { resultText } from '../../../strings/en-result.ts';
import { en } from '../../../strings/en.ts';
import { Term } from './term.tsx';
import styles from './all-measures.module.css';

type Evaluation = NonNullable<Report['evaluation']>;

/** Every metric with ± and n: the compressed model, and where they were taken the original and the paired difference. */
export function AllMeasures({ evaluation }: { evaluation: Evaluation }) {
  const names = METRIC_NAMES.filter((name) => evaluation.compressed[name] !== undefined);
  return (
    <>
      <dl className={styles.measures}>
        {names.map((name) => (
          <Measure key={name} name={name} evaluation={evaluation} />
        ))}
      </dl>
      <p className={styles.note}>{ERROR_DEFINITION}</p>
    </>
  );
}

interface MeasureProps {
  readonly name: MetricName;
  readonly evaluation: Evaluation;
}

function Measure({ name, evaluation: { original, compressed, difference } }: MeasureProps) {
  const own = compressed[name];
  const [before, apart] = [original[name], difference[name]];
  if (own === undefined) return null;
  return (
    <div className={styles.measure}>
      <dt>
        <Term definition={METRIC_DEFINITIONS[name]}>{en.metrics[name]}</Term>
      </dt>
      <dd title={resultText.n(grouped(own.n))}>
        <Amount text={formatMetric(name, own)} />
      </dd>
      {before && (
        <dd className={styles.more}>
          {resultText.original} <Amount text={formatMetric(name, before)} />
        </dd>
      )}
      {apart && (
        <dd className={styles.more}>
          {resultText.change} <Amount text={formatDifference(name, apart)} />
        </dd>
      )}
    </div>
  );
}

function Amount({ text: { value, error } }: { text: { value: string; error: string } }) {
  return (
    <>
      <strong>{value}</strong> <small>{error}</small>
    </>
  );
}
