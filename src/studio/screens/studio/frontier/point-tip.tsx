import { useSyncExternalStore, type MouseEvent } from 'react';
import { formatBytes, formatMetric } from '../../../format/format.ts';
import type { Hover } from '../../../frontier/hover.ts';
import type { Layout, PlacedPoint } from '../../../frontier/layout.ts';
import type { ChartOf, FrontierPoint } from '../../../frontier/points.ts';
import {
  changeText,
  differenceText,
  isWithinErrors,
  smallerText,
  standingText,
  timeText,
} from '../../../frontier/texts.ts';
import { en } from '../../../strings/en.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';
import { Button } from '../../../ui/button.tsx';
import styles from './point-tip.module.css';

interface PointTipProps {
  readonly hover: Hover;
  readonly layout: Layout;
  readonly of: ChartOf;
  readonly originalBytes: number;
  /** The trial whose recipe is on the bench. */
  readonly onBench: string | undefined;
  readonly onLoad: (id: string) => void;
}

/** All about the point one looks at, and the way to its recipe. */
export function PointTip(props: PointTipProps) {
  const { hover, layout } = props;
  const id = useSyncExternalStore(hover.subscribe, hover.current);
  const placed = layout.points.find(({ point }) => point.id === id);
  if (placed === undefined) return null;
  const leave = { onPointerEnter: hover.keep, onPointerLeave: hover.leave };
  return (
    <div className={styles.tip} style={besides(placed, layout)} data-tip {...leave}>
      <Facts {...props} point={placed.point} />
      <Action {...props} point={placed.point} />
    </div>
  );
}

/** From the centre of a mark to its tip. */
const GAP = 14;

/** Beside the point, towards the middle of the plot, so that it never leaves it. */
function besides({ cx, cy }: PlacedPoint, { frame: { width, height } }: Layout) {
  const x = cx < width / 2 ? { left: cx + GAP } : { right: width - cx + GAP };
  const y =
    cy < height / 2 ? { top: Math.max(0, cy - GAP) } : { bottom: Math.max(0, height - cy - GAP) };
  return { ...x, ...y, maxWidth: Math.max(cx, width - cx) - GAP - 4 };
}

function Facts({ point, of, originalBytes }: PointTipProps & { point: FrontierPoint }) {
  const { value, error } = formatMetric(of.quality.name, point);
  const size = formatBytes(point.bytes);
  const standing = point.kind === 'trial' ? [standingText(point, of)] : [];
  const by = point.shipped ? [words.shipped] : [];
  return (
    <>
      <strong>{point.label}</strong>
      <span>
        {point.kind === 'original' ? size : `${size}, ${smallerText(originalBytes, point.bytes)}`}
      </span>
      <span>
        {en.metrics[of.quality.name]} {value}
        {point.n > 0 && ` ${error}, n = ${point.n}`}
      </span>
      {point.difference && <Difference point={point} of={of} />}
      {point.time && <span>{timeText(point.time)}</span>}
      <span>{[...standing, ...by].join(' · ')}</span>
    </>
  );
}

/** How far from the original, and whether that may be chance. */
function Difference({ point, of }: { point: FrontierPoint; of: ChartOf }) {
  const same = isWithinErrors(point);
  const change = of.quality.ofOriginal === undefined && changeText(point, of.quality);
  return (
    <>
      <span>
        {differenceText(point, of.quality)} {words.against}
      </span>
      {change && <span>{change}</span>}
      {same !== undefined && <small>{same ? words.within : words.outsideErrors}</small>}
    </>
  );
}

function Action({ point, onBench, onLoad, hover }: PointTipProps & { point: FrontierPoint }) {
  if (point.kind !== 'trial') return null;
  if (point.id === onBench) return <small>{words.onBench}</small>;
  const load = (event: MouseEvent): void => {
    // The button goes away with what it does: the focus returns to the point.
    const chart = event.currentTarget.closest('figure');
    onLoad(point.id);
    chart?.querySelector<SVGElement>(`[data-point="${CSS.escape(point.id)}"]`)?.focus();
  };
  return (
    <Button
      title={point.shipped ? words.shippedHelp : words.loadHelp}
      onClick={load}
      onBlur={hover.blur}
    >
      {words.loadThis}
    </Button>
  );
}
