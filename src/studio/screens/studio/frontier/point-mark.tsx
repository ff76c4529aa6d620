import { memo, useSyncExternalStore, type KeyboardEvent, type MouseEvent } from 'react';
import type { Hover } from '../../../frontier/hover.ts';
import type { LabelPlace } from '../../../frontier/labels.ts';
import {
  isLoud,
  type Layout,
  type PlacedMark,
  type PlacedPoint,
} from '../../../frontier/layout.ts';
import { LABEL_SIZE } from './plot-axes.tsx';
import styles from './frontier-plot.module.css';

/** What one can do with a point. Stays the same between renders. */
export interface PointActions {
  readonly show: (id: string) => void;
  readonly enter: (id: string) => void;
  readonly leave: () => void;
  readonly focus: (id: string) => void;
  readonly blur: (next: EventTarget | null) => void;
  /** An arrow key: goes on to another point. */
  readonly go: (id: string, key: string) => boolean;
}

interface PointMarkProps {
  readonly placed: PlacedPoint;
  readonly selected: boolean;
  /** The whole point in words. */
  readonly name: string;
  /** Reached by the tabulator key; the others from there by arrows. */
  readonly first: boolean;
  /** Absent in figures. */
  readonly actions?: PointActions;
}

/** A measured point: the original a square, trials round, the shown one ringed, one that is being measured dashed. */
export const PointMark = memo(function PointMark(props: PointMarkProps) {
  const { placed, selected, actions } = props;
  const { point } = placed;
  return (
    <g>
      <Spread placed={placed} />
      {(selected || isLoud(point)) && <ErrorBar placed={placed} />}
      {actions ? <Target {...props} actions={actions} /> : <Shape {...props} />}
      {placed.label && <PointLabel {...placed} place={placed.label} />}
    </g>
  );
});

/** What is pointed at and pressed: the mark with some room round it, without its name. */
function Target(props: PointMarkProps & { readonly actions: PointActions }) {
  const { placed, actions, name } = props;
  const { id, kind } = placed.point;
  const hover = { onPointerEnter: () => actions.enter(id), onPointerLeave: actions.leave };
  const content = (
    <>
      <circle cx={placed.cx} cy={placed.cy} r={12} fill="transparent" />
      <Shape {...props} />
    </>
  );
  if (kind !== 'trial') {
    return (
      <g role="img" aria-label={name} {...hover}>
        {content}
      </g>
    );
  }
  return (
    <g
      role="button"
      tabIndex={props.first ? 0 : -1}
      data-point={id}
      aria-label={name}
      className={styles.button}
      {...hover}
      {...pressed(id, actions)}
    >
      {content}
    </g>
  );
}

function pressed(id: string, actions: PointActions) {
  return {
    onClick: ({ nativeEvent }: MouseEvent) => {
      actions.show(id);
      // A finger does not hover: what it touched tells about itself until something else is touched.
      if (nativeEvent instanceof PointerEvent && nativeEvent.pointerType === 'touch') {
        actions.focus(id);
      }
    },
    onFocus: ({ currentTarget }: { currentTarget: Element }) => {
      if (currentTarget.matches(':focus-visible')) actions.focus(id);
    },
    onBlur: ({ relatedTarget }: { relatedTarget: EventTarget | null }) =>
      actions.blur(relatedTarget),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (event.key === 'Escape') actions.blur(null);
      const isPress = event.key === 'Enter' || event.key === ' ';
      if (isPress) actions.show(id);
      if (isPress || actions.go(id, event.key)) event.preventDefault();
    },
  };
}

function Shape({ placed, selected }: Pick<PointMarkProps, 'placed' | 'selected'>) {
  const { point, cx, cy, worse } = placed;
  const loud = isLoud(point);
  if (point.kind === 'original') {
    return <rect x={cx - 4.5} y={cy - 4.5} width={9} height={9} fill="var(--text)" />;
  }
  if (point.kind === 'interim') {
    return (
      <circle
        cx={cx}
        cy={cy}
        r={5}
        fill="var(--surface-2)"
        stroke="var(--accent)"
        strokeWidth={1.5}
        strokeDasharray="2.5 2"
      />
    );
  }
  return (
    <>
      {selected && (
        <circle cx={cx} cy={cy} r={9} fill="none" stroke="var(--accent)" strokeWidth={1.5} />
      )}
      <circle
        cx={cx}
        cy={cy}
        r={loud ? 5 : worse || selected ? 4 : 3.5}
        fill={loud ? 'var(--accent)' : 'var(--baseline)'}
      />
    </>
  );
}

/** What is left out of the drawing for calm comes when one points at a mark, or the focus does: its bar and name. */
export function Spotlight({ hover, layout }: { readonly hover: Hover; readonly layout: Layout }) {
  const id = useSyncExternalStore(hover.subscribe, hover.current);
  const placed = layout.points.find(({ point }) => point.id === id);
  if (placed === undefined) return null;
  return (
    <g pointerEvents="none">
      <ErrorBar placed={placed} />
      <g className={styles.lit}>
        <PointLabel {...placed} place={placed.label} fill="var(--text)" />
      </g>
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
      className={styles.name}
      x={round(cx + dx)}
      y={round(cy + dy)}
      textAnchor={anchor}
      fill={fill}
      fontSize={LABEL_SIZE}
    >
      {text}
    </text>
  );
}

function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}

function ErrorBar({ placed: { cx, bar, point } }: { placed: PlacedPoint }) {
  if (bar === undefined) return null;
  const [from, to] = bar;
  const dash = point.kind === 'interim' ? '3 2' : undefined;
  // Whiskers of a bar that its mark covers would give the mark ears.
  const half = Math.abs(to - from) < 14 ? 2 : 4;
  return (
    <g fill="none" stroke="var(--text-2)" strokeDasharray={dash} data-error-bar>
      <line x1={cx} x2={cx} y1={from} y2={to} />
      <line x1={cx - half} x2={cx + half} y1={from} y2={from} />
      <line x1={cx - half} x2={cx + half} y1={to} y2={to} />
    </g>
  );
}

/** How far a time may be chance: there for all, and quiet. */
function Spread({ placed: { cy, spread } }: { placed: PlacedPoint }) {
  if (spread === undefined) return null;
  const [x1, x2] = spread;
  return (
    <line
      data-spread
      x1={x1}
      x2={x2}
      y1={cy}
      y2={cy}
      stroke="var(--line-strong)"
      strokeOpacity={0.35}
      strokeWidth={2}
      strokeLinecap="round"
    />
  );
}

/** A hollow mark on the size axis: the size is exact, the quality not measured; dotted to what it becomes. */
export function SizeMark({ placed }: { placed: PlacedMark }) {
  const { mark, cx, cy, tie, label } = placed;
  const color = mark.accent === true ? 'var(--accent)' : 'var(--text-2)';
  return (
    <g>
      {tie && (
        <line
          data-tie
          x1={cx}
          y1={cy - 10}
          x2={tie.x}
          y2={tie.y}
          stroke={color}
          strokeDasharray="1 4"
          strokeLinecap="round"
          strokeWidth={1.5}
          strokeOpacity={mark.becomes === undefined ? 0.5 : 1}
        />
      )}
      <path
        d={`M${round(cx)} ${cy}l-5 -10h10z`}
        fill="var(--surface-2)"
        stroke={color}
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
      <PointLabel cx={cx} cy={cy} text={mark.text} place={label} fill={color} />
    </g>
  );
}
