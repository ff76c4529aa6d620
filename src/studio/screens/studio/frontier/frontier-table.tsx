import { formatBytes, formatLatency, formatMetric, formatRatio } from '../../../format/format.ts';
import type { FrontierData } from '../../../frontier/data.ts';
import type { ChartOf, FrontierPoint } from '../../../frontier/points.ts';
import { shortNames } from '../../../frontier/short-names.ts';
import { changeText } from '../../../frontier/texts.ts';
import { en } from '../../../strings/en.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';
import { Button } from '../../../ui/button.tsx';
import styles from './frontier-table.module.css';

interface FrontierTableProps {
  readonly data: FrontierData;
  readonly originalBytes: number;
  readonly selected: string | undefined;
  readonly onBench: string | undefined;
  readonly onShow: (id: string) => void;
  readonly onLoad: (id: string) => void;
}

/** The same points as numbers. */
export function FrontierTable(props: FrontierTableProps) {
  const { points, of } = props.data;
  const names = shortNames(points.map(({ label }) => label));
  const sorted = [...points].sort((a, b) => a.x - b.x);
  if (points.length === 0) return <p className={styles.empty}>{words.empty}</p>;
  return (
    <table className={styles.table} aria-label={words.table}>
      <thead>
        <tr>
          {headings(of).map((text) => (
            <th key={text} scope="col">
              {text}
            </th>
          ))}
          <th scope="col">
            <span className="visually-hidden">{words.columns.recipe}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((point) => (
          <Line
            key={point.id}
            {...props}
            point={point}
            name={names.get(point.label) ?? point.label}
          />
        ))}
      </tbody>
    </table>
  );
}

function headings({ quality, setup }: ChartOf): string[] {
  const { columns } = words;
  return [
    ...[columns.trial, columns.size, columns.smaller, en.metrics[quality.name], '±', 'n'],
    ...(quality.ofOriginal === undefined ? [columns.change] : []),
    ...(setup ? [columns.time] : []),
    columns.frontier,
  ];
}

interface LineProps extends FrontierTableProps {
  readonly point: FrontierPoint;
  /** Short enough for a column. */
  readonly name: string;
}

function Line(props: LineProps) {
  const { point, originalBytes, data } = props;
  const { quality, setup } = data.of;
  const { value, error } = formatMetric(quality.name, point);
  return (
    <tr aria-current={point.id === props.selected ? 'true' : undefined}>
      <th scope="row">
        <Name {...props} />
      </th>
      <td>{formatBytes(point.bytes)}</td>
      <td>{formatRatio(originalBytes, point.bytes)}</td>
      <td>{value}</td>
      <td>{point.n > 0 ? error.replace('± ', '') : '–'}</td>
      <td>{point.n > 0 ? point.n : '–'}</td>
      {quality.ofOriginal === undefined && <td>{changeText(point, quality) ?? '–'}</td>}
      {setup && <td>{point.time ? formatLatency(point.time.milliseconds) : '–'}</td>}
      <td>{point.onFrontier ? '✓' : ''}</td>
      <td>
        <Load {...props} />
      </td>
    </tr>
  );
}

function Name({ point, name, onShow }: LineProps) {
  if (point.kind !== 'trial') return point.label;
  return (
    <>
      <Button
        tone="quiet"
        aria-label={point.label}
        title={words.show(point.label)}
        onClick={() => onShow(point.id)}
      >
        {name}
      </Button>
      {point.shipped && <small title={words.shippedHelp}>{words.shipped}</small>}
    </>
  );
}

function Load({ point, onBench, onLoad }: LineProps) {
  if (point.kind !== 'trial') return null;
  if (point.id === onBench) return <small>{words.onBench}</small>;
  return (
    <Button
      tone="quiet"
      title={words.loadHelp}
      aria-label={words.load(point.label)}
      onClick={() => onLoad(point.id)}
    >
      {words.loadShort}
    </Button>
  );
}
