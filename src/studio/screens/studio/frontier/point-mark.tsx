import type { KeyboardEvent } from 'react';
import type { LabelPlace } from '../../../frontier/labels.ts';
import type { FrontierPoint } from '../../../frontier/points.ts';
import { en } from '../../../strings/en.ts';
import { LABEL_SIZE, shortLabel } from './chart-labels.ts';
import styles from './frontier-tab.module.css';

interface PointMarkProps {
  readonly cx?: number;
  readonly cy?: number;
  readonly payload?: FrontierPoint;
  /** Unset: there is no room for the name until one points at it. */
  readonly label: LabelPlace | undefined;
  readonly selected: string | undefined;
  readonly onRecall: (id: string) => void;
}

/** A measured point, solid; the original a square, trials round, the shown one ringed. */
export function PointMark({ cx = 0, cy = 0, payload, label, selected, onRecall }: PointMarkProps) {
  if (payload === undefined) return null;
  if (payload.kind === 'original') {
    return (
      <g>
        <rect x={cx - 4.5} y={cy - 4.5} width={9} height={9} fill="var(--text)" />
        <PointLabel cx={cx} cy={cy} text={payload.label} place={label} />
      </g>
    );
  }
  const recall = (): void => onRecall(payload.id);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    recall();
  };
  return (
    <g
      role="button"
      tabIndex={0}
      aria-label={en.frontier.recall(payload.label)}
      className={styles.point}
      onClick={recall}
      onKeyDown={onKeyDown}
    >
      <circle cx={cx} cy={cy} r={12} fill="transparent" />
      {payload.id === selected && (
        <circle cx={cx} cy={cy} r={9} fill="none" stroke="var(--accent)" strokeWidth={1.5} />
      )}
      <circle
        cx={cx}
        cy={cy}
        r={5}
        fill={payload.onFrontier ? 'var(--accent)' : 'var(--baseline)'}
      />
      <PointLabel cx={cx} cy={cy} text={payload.label} place={label} />
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

interface AxisTickProps {
  readonly cx?: number;
  readonly cy?: number;
  readonly text: string;
  readonly label: LabelPlace | undefined;
  readonly accent?: boolean;
}

/** A hollow tick on the size axis: the size is exact, the quality not measured. */
export function AxisTick({ cx = 0, cy = 0, text, label, accent = false }: AxisTickProps) {
  const color = accent ? 'var(--accent)' : 'var(--text-2)';
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
