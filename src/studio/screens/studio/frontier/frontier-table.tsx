import { formatBytes, formatMetric } from '../../../format/format.ts';
import type { FrontierPoint } from '../../../frontier/points.ts';
import type { Quality } from '../../../frontier/quality.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import styles from './frontier-tab.module.css';

interface FrontierTableProps {
  readonly points: readonly FrontierPoint[];
  readonly quality: Quality;
  readonly onRecall: (id: string) => void;
}

/** The same points as numbers. */
export function FrontierTable({ points, quality, onRecall }: FrontierTableProps) {
  const sorted = [...points].sort((a, b) => a.bytes - b.bytes);
  if (points.length === 0) return <p className={styles.emptyTable}>{en.frontier.empty}</p>;
  return (
    <table className={styles.table} aria-label={en.frontier.points}>
      <thead>
        <tr>
          <th scope="col">{en.frontier.trial}</th>
          <th scope="col">{en.frontier.size}</th>
          <th scope="col">{en.metrics[quality.name]}</th>
          <th scope="col">±</th>
          <th scope="col">{en.frontier.n}</th>
          <th scope="col">{en.frontier.line}</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((point) => (
          <Line key={point.id} point={point} quality={quality} onRecall={onRecall} />
        ))}
      </tbody>
    </table>
  );
}

function Line({
  point,
  quality,
  onRecall,
}: Omit<FrontierTableProps, 'points'> & { point: FrontierPoint }) {
  const { value, error } = formatMetric(quality.name, point);
  return (
    <tr>
      <th scope="row">
        {point.kind === 'original' ? (
          point.label
        ) : (
          <Button
            tone="quiet"
            title={en.frontier.recall(point.label)}
            onClick={() => onRecall(point.id)}
          >
            {point.label}
          </Button>
        )}
      </th>
      <td>{formatBytes(point.bytes)}</td>
      <td>{value}</td>
      <td>{point.n > 0 ? error.replace('± ', '') : '–'}</td>
      <td>{point.n > 0 ? point.n : '–'}</td>
      <td>{point.onFrontier ? '✓' : ''}</td>
    </tr>
  );
}
