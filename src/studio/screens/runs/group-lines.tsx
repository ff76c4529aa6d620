import { formatMetric } from '../../../core/metrics/metric-text.ts';
import type { RunGroup } from '../../runs/run-row.ts';
import { formatBytes } from '../../format/format.ts';
import { compare } from '../../strings/en-compare.ts';
import { runs as t } from '../../strings/en-runs.ts';
import { en } from '../../strings/en.ts';
import type { RunsTableState } from './use-runs-table.ts';
import styles from './runs-table.module.css';

interface GroupLinesProps {
  readonly group: RunGroup;
  readonly table: RunsTableState;
}

/** The head of a model's trials: what they are measured by, and what the original has of it. */
export function GroupLines({ group, table }: GroupLinesProps) {
  const { model, rows, metric, better, original } = group;
  const own = rows.filter(({ trial }) => !trial.shipped);
  const all = own.length > 0 && own.every(({ id }) => table.state.rowSelection[id] === true);
  return (
    <>
      <tr className={styles.group}>
        <td data-column="select">
          {own.length > 0 && (
            <label className={styles.box}>
              <input
                type="checkbox"
                aria-label={t.selectAll(model)}
                checked={all}
                onChange={() => own.forEach(({ id }) => table.getRow(id).toggleSelected(!all))}
              />
            </label>
          )}
        </td>
        <th scope="rowgroup" colSpan={2} data-column="name">
          {model} <small>{t.trials(rows.length)}</small>
        </th>
        <td data-number data-column="quality">
          {metric && en.metrics[metric]} {better && <small>{compare.better[better]}</small>}
        </td>
        <td colSpan={5} data-column="rest" />
      </tr>
      {original && (
        <tr className={styles.original}>
          <td data-column="select" />
          <th scope="row" data-column="name">
            {t.original}
          </th>
          <td data-number data-column="bytes">
            {formatBytes(original.bytes)}
          </td>
          <td data-number data-column="quality">
            {metric && original.measured && (
              <Measured metric={metric} measured={original.measured} />
            )}
          </td>
          <td colSpan={5} data-column="rest" />
        </tr>
      )}
    </>
  );
}

type MeasuredProps = Required<Pick<RunGroup['rows'][number], 'metric' | 'measured'>>;

export function Measured({ metric, measured }: MeasuredProps) {
  const { value, error } = formatMetric(metric, measured);
  return (
    <span title={`${en.metrics[metric]}, ${en.frontier.n} = ${measured.n}`}>
      {value} <small>{error}</small>
    </span>
  );
}
