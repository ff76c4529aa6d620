import { useState } from 'react';
import type { OrderLosses } from '../../../../core/report/order.ts';
import type { Metric, MetricName } from '../../../../core/metrics/types.ts';
import type { OrderView } from '../../../../../workers/protocol.ts';
import { formatBytes, formatExactBytes, formatMetric, signed } from '../../../format/format.ts';
import { orderedSteps, useBenchOrder } from '../../../state/order-store.ts';
import { useRecipe } from '../../../state/recipe-store.ts';
import { useView } from '../../../state/view-store.ts';
import { orders as t } from '../../../strings/en-orders.ts';
import { en } from '../../../strings/en.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import {
  orderRows,
  orderSentence,
  orderTitle,
  sumOfBoth,
  type Numbers,
  type OrderRow,
} from './order-rows.ts';
import styles from './order-card.module.css';

/** What the order of the two steps on the bench is worth, once it was compared. */
export function OrderCard() {
  const found = useBenchOrder();
  const steps = useRecipe((state) => state.steps);
  const [a, b] = orderedSteps(steps);
  if (found === undefined || b === undefined) return null;
  return <Compared found={found} numbers={[a.number, b.number]} />;
}

function Compared({ found, numbers }: { found: OrderView; numbers: Numbers }) {
  const [chosen, choose] = useState('0');
  const losses = found.losses.at(Number(chosen)) ?? found.losses.at(0);
  const options = found.losses.map(({ measure }, at) => ({
    value: String(at),
    label: nameOf(measure),
  }));
  return (
    <section className={styles.card} aria-label={t.title}>
      <h3>
        {t.title}
        {options.length > 1 && (
          <Segmented label={t.measure} value={chosen} options={options} onChange={choose} />
        )}
      </h3>
      <p className={styles.verdict}>{orderSentence(found, numbers)}</p>
      <Table found={found} losses={losses} numbers={numbers} />
      {orderRows(found, losses, numbers).map(
        ({ run, title, refused }) =>
          refused !== undefined && (
            <p key={run} className={styles.why}>
              {title}: {refused}
            </p>
          ),
      )}
      {losses?.losses.a && (
        <p className={styles.under}>
          {t.under(whatOf(losses.measure), String(losses.losses.a.n))}{' '}
          {losses.paired ? t.paired : t.unpaired}
        </p>
      )}
    </section>
  );
}

interface TableProps {
  readonly found: OrderView;
  readonly losses: OrderLosses | undefined;
  readonly numbers: Numbers;
}

function Table({ found, losses, numbers }: TableProps) {
  return (
    <table className={styles.table} aria-label={t.title}>
      <thead>
        <tr>
          <th scope="col">{t.columns.run}</th>
          <th scope="col">{t.columns.size}</th>
          {losses && <th scope="col">{nameOf(losses.measure)}</th>}
        </tr>
      </thead>
      <tbody>
        {orderRows(found, losses, numbers).map((row) => (
          <Row key={row.run} row={row} losses={losses} />
        ))}
      </tbody>
      {losses && <Sums losses={losses} numbers={numbers} />}
    </table>
  );
}

function Row({ row, losses }: { row: OrderRow; losses: OrderLosses | undefined }) {
  const { title, trial, bytes, refused, loss } = row;
  if (refused !== undefined) {
    return (
      <tr>
        <th scope="row">{title}</th>
        <td colSpan={2} className={styles.refused} title={refused}>
          {t.refused}
        </td>
      </tr>
    );
  }
  return (
    <tr>
      <th scope="row">
        {trial === undefined ? (
          title
        ) : (
          <button type="button" title={t.show(title)} onClick={() => useView.setState({ trial })}>
            {title}
          </button>
        )}
      </th>
      <td title={bytes === undefined ? undefined : formatExactBytes(bytes)}>
        {bytes !== undefined && formatBytes(bytes)}
      </td>
      {losses && <td>{loss && <Value measure={losses.measure} metric={loss} />}</td>}
    </tr>
  );
}

/** The sum of both alone, and how far each way round is from it. */
function Sums({ losses, numbers }: { losses: OrderLosses; numbers: Numbers }) {
  const sum = sumOfBoth(losses);
  const ways = (['ab', 'ba'] as const).flatMap((run) => {
    const metric = losses.interaction[run];
    return metric ? [{ run, metric }] : [];
  });
  return (
    <tfoot>
      {sum && (
        <tr>
          <th scope="row" colSpan={2}>
            {t.sum}
          </th>
          <td>
            <Value measure={losses.measure} metric={sum} />
          </td>
        </tr>
      )}
      {ways.map(({ run, metric }) => (
        <tr key={run} title={t.interactionHelp}>
          <th scope="row" colSpan={2}>
            {t.interaction(orderTitle(run, numbers))}
          </th>
          <td>
            <Value measure={losses.measure} metric={metric} difference />
          </td>
        </tr>
      ))}
    </tfoot>
  );
}

interface ValueProps {
  readonly measure: OrderLosses['measure'];
  readonly metric: Metric;
  readonly difference?: boolean;
}

function Value({ measure, metric, difference }: ValueProps) {
  const { value, error } = formatMetric(metricOf(measure), metric);
  return (
    <>
      {difference ? signed(metric.value, value) : value} <small>{error}</small>
    </>
  );
}

/** Nats are written as KL divergences are. */
function metricOf(measure: OrderLosses['measure']): MetricName {
  return measure === 'nats' ? 'kl' : measure;
}

function nameOf(measure: OrderLosses['measure']): string {
  if (measure === 'kl' || measure === 'nats') return t.measures[measure];
  return t.lost(en.metrics[measure]);
}

function whatOf(measure: OrderLosses['measure']): string {
  if (measure === 'kl' || measure === 'nats') return t.what[measure];
  return t.lost(en.metrics[measure]);
}
