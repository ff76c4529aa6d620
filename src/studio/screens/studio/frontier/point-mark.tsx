import type { KeyboardEvent } from 'react';
import type { LabelPlace } from '../../../frontier/labels.ts';
import type { FrontierPoint } from '../../../frontier/points.ts';
import { en } from '../../../strings/en.ts';
import { pixelX, pixelY, plotArea, type Frame } from './chart-frame.ts';
import { LABEL_SIZE, shortLabel, type AxisMark } from './chart-labels.ts';
import styles from './frontier-tab.module.css';

interface PointMarkProps {
  readonly frame: Frame;
  readonly point: FrontierPoint | undefined;
  /** Unset: there is no room for the name until one points at it. */
  readonly label: LabelPlace | undefined;
  readonly selected: string | undefined;
  readonly onRecall: (id: string) => void;
}

/** A measured point, solid, with its error bar; the original a square, trials round, the shown one ringed. */
export function PointMark({ frame, point, label, selected, onRecall }: PointMarkProps) {
  if (point?.id === undefined) return null;
  const [cx, cy] = [pixelX(frame, point.bytes), pixelY(frame, point.value)];
  if (point.kind === 'original') {
    return (
      <g>
        <ErrorBar frame={frame} point={point} />
        <rect x={cx - 4.5} y={cy - 4.5} width={9} height={9} fill="var(--text)" />
        <PointLabel cx={cx} cy={cy} text={point.label} place={label} />
      </g>
    );
  }
  const recall = (): void => onRecall(point.id);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    recall();
  };
  return (
    <g
      role="button"
      tabIndex={0}
      aria-label={en.frontier.recall(point.label)}
      className={styles.point}
      onClick={recall}
      onKeyDown={onKeyDown}
    >
      <ErrorBar frame={frame} point={point} />
      <circle cx={cx} cy={cy} r={12} fill="transparent" />
      {point.id === selected && (
        <circle cx={cx} cy={cy} r={9} fill="none" stroke="var(--accent)" strokeWidth={1.5} />
      )}
      <circle cx={cx} cy={cy} r={5} fill={point.onFrontier ? 'var(--accent)' : 'var(--baseline)'} />
      <PointLabel cx={cx} cy={cy} text={point.label} place={label} />
    </g>
  );
}

const USUAL: LabelPlace = { dx: 10, dy: -8, anchor: 'start' };

interface PointLabelProps {
  readonly cx: number;
  readonly cy: number;
  readonly text: string;
  readonly place: LabelPlace | undefined;
  readonly fill?: string;
}

function PointLabel({ cx, cy, text, place, fill = 'var(--text-2)' }: PointLabelProps) {
  const { dx, dy, anchor } = place ?? USUAL;
  return (
    <text
      className={place === undefined ? styles.crowded : undefined}
      x={cx + dx}
      y={cy + dy}
      textAnchor={anchor}
      fill={fill}
      fontSize={LABEL_SIZE}
    >
      {shortLabel(text)}
    </text>
  );
}

function ErrorBar({ frame, point: { bytes, value, bar } }: { frame: Frame; point: FrontierPoint }) {
  const x = pixelX(frame, bytes);
  const [from, to] = [pixelY(frame, value - bar), pixelY(frame, value + bar)];
  return (
    <g className={styles.bar} data-error-bar>
      <line x1={x} x2={x} y1={from} y2={to} />
      <line x1={x - 6} x2={x + 6} y1={from} y2={from} />
      <line x1={x - 6} x2={x + 6} y1={to} y2={to} />
    </g>
  );
}

interface SizeMarkProps {
  readonly frame: Frame;
  readonly mark: AxisMark;
  readonly label: LabelPlace | undefined;
}

/** A hollow mark on the size axis: the size is exact, the quality not measured. */
export function SizeMark({ frame, mark: { bytes, text, accent }, label }: SizeMarkProps) {
  const color = accent ? 'var(--accent)' : 'var(--text-2)';
  const [cx, cy] = [pixelX(frame, bytes), plotArea(frame).bottom];
  return (
    <g>
      <path
        d={`M${cx} ${cy}l-5 -10h10z`}
        fill="var(--surface-2)"
        stroke={color}
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
      <PointLabel cx={cx} cy={cy} text={text} place={label} fill={color} />
    </g>
  );
}
