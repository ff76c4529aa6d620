import type { Size } from '../../../charts/use-size.ts';
import type { Box } from '../../../frontier/labels.ts';
import { staircase, type FrontierPoint } from '../../../frontier/points.ts';
import type { QualityScale } from '../../../frontier/scale.ts';

/** The space round the plot, in pixels: given to the chart, and used to find out where things will be. */
export const FRAME = {
  margin: { top: 16, right: 24, bottom: 28, left: 12 },
  axisWidth: 56,
  axisHeight: 30,
} as const;

/** Both axes of a chart of this size. */
export interface Frame {
  readonly scale: QualityScale;
  readonly lowerIsBetter: boolean;
  /** Ticks of the size axis, from its first to its last. */
  readonly sizes: readonly number[];
  readonly size: Size;
}

export function plotArea({ size: { width, height } }: Frame): Box {
  const { margin, axisWidth, axisHeight } = FRAME;
  return {
    left: margin.left + axisWidth,
    top: margin.top,
    right: width - margin.right,
    bottom: height - margin.bottom - axisHeight,
  };
}

export function pixelX(frame: Frame, bytes: number): number {
  const { left, right } = plotArea(frame);
  const [first, last] = [frame.sizes[0], frame.sizes[frame.sizes.length - 1]];
  return left + ((bytes - first) / (last - first)) * (right - left);
}

export function pixelY(frame: Frame, value: number): number {
  const { top, bottom } = plotArea(frame);
  const [low, high] = frame.scale.domain;
  const share = (frame.scale.place(value) - low) / (high - low);
  return frame.lowerIsBetter ? top + share * (bottom - top) : bottom - share * (bottom - top);
}

/** The frontier, from one of its points to the next, as the path of an SVG. */
export function stepsOf(frame: Frame, points: readonly FrontierPoint[]): string {
  const corners = cornersOf(frame, points).map(({ x, y }) => `${x.toFixed(2)},${y.toFixed(2)}`);
  return corners.length === 0 ? '' : `M${corners.join('L')}`;
}

export function cornersOf(
  frame: Frame,
  points: readonly FrontierPoint[],
): readonly { readonly x: number; readonly y: number }[] {
  return staircase(points.filter(({ onFrontier }) => onFrontier)).map(({ bytes, value }) => ({
    x: pixelX(frame, bytes),
    y: pixelY(frame, value),
  }));
}
