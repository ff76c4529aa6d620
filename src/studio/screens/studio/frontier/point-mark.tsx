import type { KeyboardEvent } from 'react';
import type { FrontierPoint } from '../../../frontier/points.ts';
import { en } from '../../../strings/en.ts';
import styles from './frontier-tab.module.css';

interface PointMarkProps {
  readonly cx?: number;
  readonly cy?: number;
  readonly payload?: FrontierPoint;
  readonly selected: string | undefined;
  readonly onRecall: (id: string) => void;
}

/** A measured point, solid; the original a square, trials round, the shown one ringed. */
export function PointMark({ cx = 0, cy = 0, payload, selected, onRecall }: PointMarkProps) {
  if (payload === undefined) return null;
  if (payload.kind === 'original') {
    return (
      <g>
        <rect x={cx - 4.5} y={cy - 4.5} width={9} height={9} fill="var(--text)" />
        <PointLabel cx={cx} cy={cy} text={payload.label} end />
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
      <PointLabel cx={cx} cy={cy} text={payload.label} />
    </g>
  );
}

function PointLabel({
  cx,
  cy,
  text,
  end,
}: {
  cx: number;
  cy: number;
  text: string;
  end?: boolean;
}) {
  const short = text.length > 32 ? `${text.slice(0, 31)}…` : text;
  return (
    <text
      x={end ? cx - 10 : cx + 10}
      y={cy - 8}
      textAnchor={end ? 'end' : 'start'}
      fill="var(--text-2)"
      fontSize={11}
    >
      {short}
    </text>
  );
}

interface AxisTickProps {
  readonly cx?: number;
  readonly cy?: number;
  readonly label: string;
  readonly accent?: boolean;
}

/** A hollow tick on the size axis: the size is exact, the quality not measured. */
export function AxisTick({ cx = 0, cy = 0, label, accent = false }: AxisTickProps) {
  const color = accent ? 'var(--accent)' : 'var(--text-2)';
  const left = cx > 320;
  return (
    <g>
      <path
        d={`M${cx} ${cy}l-5 -10h10z`}
        fill="var(--surface-2)"
        stroke={color}
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
      <text
        x={left ? cx - 9 : cx + 9}
        y={cy - 4}
        textAnchor={left ? 'end' : 'start'}
        fill={color}
        fontSize={11}
      >
        {label}
      </text>
    </g>
  );
}
