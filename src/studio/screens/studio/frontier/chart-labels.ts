import { textWidth } from '../../../charts/text-width.ts';
import { placeLabels, type Box, type LabelPlace } from '../../../frontier/labels.ts';
import type { FrontierPoint } from '../../../frontier/points.ts';
import { cornersOf, pixelX, pixelY, plotArea, type Frame } from './chart-frame.ts';

export const LABEL_SIZE = 11;

/** Something with a size and no measured quality: a mark on the size axis. */
export interface AxisMark {
  readonly id: string;
  readonly bytes: number;
  readonly text: string;
  readonly accent?: boolean;
}

const LONGEST = 32;

export function shortLabel(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** The shown trial and the original are named first, then the frontier: they may crowd the others out. */
export function labelsOf(
  frame: Frame,
  points: readonly FrontierPoint[],
  marks: readonly AxisMark[],
  selected: string | undefined,
): Map<string, LabelPlace> {
  const area = plotArea(frame);
  const rank = ({ id, kind, onFrontier }: FrontierPoint): number =>
    id === selected ? 0 : kind === 'original' ? 1 : onFrontier ? 2 : 3;
  const named = [...points]
    .sort((a, b) => rank(a) - rank(b))
    .map((point) => ({
      id: point.id,
      x: pixelX(frame, point.bytes),
      y: pixelY(frame, point.value),
      width: textWidth(shortLabel(point.label), LABEL_SIZE),
    }));
  const onAxis = marks.map(({ id, bytes, text }) => ({
    id,
    x: pixelX(frame, bytes),
    y: area.bottom,
    width: textWidth(text, LABEL_SIZE),
    onAxis: true,
  }));
  const obstacles = [
    ...points.flatMap((point) => shapesOf(frame, point, point.id === selected)),
    ...onAxis.map(({ x, y }) => ({ left: x - 6, top: y - 11, right: x + 6, bottom: y })),
  ];
  // Text may stand a little beside the plot; what stands above it is cut off with what overflows the axis.
  const room = { ...area, right: area.right + 20 };
  return placeLabels([...onAxis, ...named], obstacles, stairs(frame, points), room);
}

/** Radius of a mark, and of the ring round the shown trial's. */
const MARK = 6;
const RING = 10;

function shapesOf(frame: Frame, { bytes, value, bar }: FrontierPoint, ringed: boolean): Box[] {
  const radius = ringed ? RING : MARK;
  const [x, y] = [pixelX(frame, bytes), pixelY(frame, value)];
  const ends = [pixelY(frame, value - bar), pixelY(frame, value + bar)];
  return [
    { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius },
    { left: x - 4, top: Math.min(...ends), right: x + 4, bottom: Math.max(...ends) },
  ];
}

/** The steps of the frontier line. */
function stairs(frame: Frame, points: readonly FrontierPoint[]): Box[] {
  const corners = cornersOf(frame, points);
  return corners.slice(1).map((to, at) => {
    const from = corners[at];
    return {
      left: Math.min(from.x, to.x) - 1,
      top: Math.min(from.y, to.y) - 1,
      right: Math.max(from.x, to.x) + 1,
      bottom: Math.max(from.y, to.y) + 1,
    };
  });
}
