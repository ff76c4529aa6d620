import type { Metric } from '../../../../core/metrics/types.ts';
import { formatBytes, formatMetric, signed } from '../../../format/format.ts';
import type { FrontierPoint } from '../../../frontier/points.ts';
import type { Quality } from '../../../frontier/quality.ts';
import { en } from '../../../strings/en.ts';
import styles from './frontier-tab.module.css';

interface PointTipProps {
  readonly quality: Quality;
  /** Given by the chart. */
  readonly payload?: readonly { readonly payload?: unknown }[];
}

function isPoint(value: unknown): value is FrontierPoint {
  return typeof value === 'object' && value !== null && 'onFrontier' in value;
}

export function PointTip({ quality, payload }: PointTipProps) {
  const point = payload?.[0]?.payload;
  if (!isPoint(point)) return null;
  const { value, error } = formatMetric(quality.name, point);
  return (
    <div className={styles.tip}>
      <strong>{point.label}</strong>
      <span>{formatBytes(point.bytes)}</span>
      <span>
        {en.metrics[quality.name]} {value}
        {point.n > 0 && ` ${error}, ${en.frontier.n} ${point.n}`}
      </span>
      {point.difference && (
        <span>
          {en.frontier.differs} {differenceText(quality, point.difference)}
        </span>
      )}
      <span>{point.onFrontier ? en.frontier.onFrontier : en.frontier.dominated}</span>
    </div>
  );
}

function differenceText({ name }: Quality, difference: Metric): string {
  const { value, error } = formatMetric(name, difference);
  return `${signed(difference.value, value)} ${error}`;
}
