import type { SummaryRow } from './summary-rows.ts';
import { METRIC_DEFINITIONS } from '../../../strings/en-metrics.ts';
import { unbroken } from '../../../format/format.ts';
import { en } from '../../../strings/en.ts';
import { Term } from './term.tsx';
import styles from './summary.module.css';

/** Three rows: quality, agreement, speed. */
export function Summary({ rows }: { rows: readonly SummaryRow[] }) {
  return (
    <dl className={styles.rows}>
      {rows.map((row) => (
        <div key={row.label} className={styles.row}>
          <dt>
            {row.metric === undefined ? (
              <span>{row.label}</span>
            ) : (
              <>
                <Term definition={METRIC_DEFINITIONS[row.metric]}>{en.metrics[row.metric]}</Term>
                <small>{row.label}</small>
              </>
            )}
          </dt>
          <dd>
            <span className={styles.value}>
              <strong>{row.value}</strong> {row.error !== undefined && <small>{row.error}</small>}
            </span>
            {row.note !== undefined && <small className={styles.note}>{unbroken(row.note)}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
