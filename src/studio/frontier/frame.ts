import { fittingTicks, ratioSets, tickSets, type Range } from './axis.ts';
import { isShare, signed } from '../format/format.ts';
import { isProportion } from './change.ts';
import type { Camera, Spot, View } from './camera.ts';
import type { Box } from './labels.ts';
import { usualOriginal } from './latency.ts';
import type { AxisMark } from './marks.ts';
import { INTERIM, type ChartOf, type FrontierPoint } from './points.ts';
import { qualityAxis, sizeAxis, timeAxis, type Axis } from './range.ts';
import { evenTicks, roundTicks, sizeTicks } from './tick-text.ts';

export interface Tick {
  /** Pixels along the axis. */
  readonly at: number;
  readonly text: string;
}

/** Axes in pixels. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly area: Box;
  /** Where what is off the scale is kept; undefined where nothing is. */
  readonly strip?: Box;
  /** The line of the lower axis. */
  readonly axis: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly lowerIsBetter: boolean;
  readonly logarithmic: boolean;
  /** What is seen, and what would be without zoom. */
  readonly view: View;
  readonly whole: View;
  readonly xTicks: readonly Tick[];
  /** The second scale: times smaller, or multiples of the original's time. */
  readonly ratios: readonly Tick[];
  readonly yTicks: readonly Tick[];
}

export interface FrameInput {
  readonly points: readonly FrontierPoint[];
  readonly of: ChartOf;
  readonly originalBytes: number;
  readonly marks: readonly AxisMark[];
  readonly camera: Camera;
  readonly size: { readonly width: number; readonly height: number };
  /** Width in pixels of a text as large as the ticks'. */
  readonly measure: (text: string) => number;
}

const TOP = 38;
const BOTTOM = 48;
const RIGHT = 24;
/** Room for the title of the quality axis, beside the longest of its ticks. */
const TITLE = 30;
const GUTTER = 8;
export const STRIP_HEIGHT = 22;
/** Under the strip, for marks on the axis. */
const LANE_HEIGHT = 16;

export function frameOf(input: FrameInput): Frame {
  const { points, of, camera, size, measure } = input;
  const [xAxis, yAxis] = axesOf(input);
  const whole: View = { x: xAxis.range, y: yAxis.range };
  const view = camera.view ?? whole;
  const lowerIsBetter = of.quality.better === 'lower';
  const placed = { x: xAxis.transform.place, y: yAxis.transform.place };
  const isWorse = points.some((point) => worse(point, placed, view, lowerIsBetter));
  const axis = size.height - BOTTOM;
  const lane = isWorse && input.marks.length > 0 ? LANE_HEIGHT : 0;
  const bottom = axis - (isWorse ? STRIP_HEIGHT + lane : 0);
  const y = (value: number): number => {
    const share = shareOf(placed.y(value), view.y);
    return lowerIsBetter ? TOP + share * (bottom - TOP) : bottom - share * (bottom - TOP);
  };
  const yTicks = qualityTicks(yAxis, view.y, of, y, points.length === 0);
  const widest = Math.max(24, ...yTicks.map(({ text }) => measure(text)));
  const area: Box = { left: TITLE + widest + GUTTER, top: TOP, right: size.width - RIGHT, bottom };
  const x = (value: number): number =>
    area.left + shareOf(placed.x(value), view.x) * (area.right - area.left);
  const strip = { left: area.left, top: bottom, right: area.right, bottom: bottom + STRIP_HEIGHT };
  return {
    ...{ ...size, area, axis, x, y, lowerIsBetter, view, whole, yTicks },
    ...(isWorse ? { strip } : {}),
    ...lowerTicks(input, xAxis, view.x, x),
    logarithmic: yAxis.transform.kind !== 'linear',
  };
}

function axesOf({ points, of, originalBytes, marks, camera: { base } }: FrameInput): [Axis, Axis] {
  const far = base === 'frontier' ? new Set<string>() : undefined;
  const isSeen = (point: FrontierPoint): boolean =>
    far === undefined || point.onFrontier || point.kind === 'original';
  const places = points.filter(isSeen).map(({ x }) => x);
  const y = qualityAxis(points, of, base);
  if (of.setup) return [timeAxis(places), y];
  return [sizeAxis([...places, originalBytes, ...marks.map(({ bytes }) => bytes)]), y];
}

function shareOf(place: number, [low, high]: Range): number {
  return (place - low) / (high - low);
}

interface Placed {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** Beyond the worse end of what is seen, and not beside it. */
function worse(point: FrontierPoint, placed: Placed, view: View, lowerIsBetter: boolean): boolean {
  if (point.id === INTERIM) return false;
  const across = shareOf(placed.x(point.x), view.x);
  const up = shareOf(placed.y(point.y), view.y);
  return across >= 0 && across <= 1 && (lowerIsBetter ? up > 1 : up < 0);
}

/** What a point is in this frame. */
export function standing(
  { x, y, kind }: FrontierPoint,
  { area, axis, strip, ...frame }: Frame,
): 'inside' | 'worse' | 'outside' {
  const [cx, cy] = [frame.x(x), frame.y(y)];
  if (cx < area.left - 0.5 || cx > area.right + 0.5 || cy < area.top - 0.5) return 'outside';
  if (cy <= area.bottom + 0.5) return 'inside';
  return strip && kind !== 'interim' && axis > 0 ? 'worse' : 'outside';
}

/** Least pixels from one tick of the quality axis to the next: closer only where there would be too few. */
const Y_STEPS = [44, 32, 18] as const;
/** Fewer say too little about a scale, above all about a logarithmic one. */
const ENOUGH = 4;

function qualityTicks(
  { transform }: Axis,
  range: Range,
  of: ChartOf,
  y: (value: number) => number,
  empty: boolean,
): Tick[] {
  if (empty) return [];
  const percent = of.as === 'value' && isShare(of.quality.name);
  const scale = percent ? 100 : 1;
  const ticks = roomyTicks(tickSets(transform, range), y);
  const unit = percent || (of.as === 'change' && !isProportion(of.quality)) ? ' %' : '';
  const write = (text: string, value: number): string =>
    `${of.as === 'change' ? signed(value, text) : text}${unit}`;
  const scaled = ticks.map((value) => value * scale);
  const texts = (transform.kind === 'linear' ? evenTicks : roundTicks)(scaled, write);
  return ticks.map((value, index) => ({ at: y(value), text: texts[index] }));
}

function roomyTicks(sets: readonly (readonly number[])[], at: (value: number) => number): number[] {
  const all = Y_STEPS.map((step) => fittingTicks(sets, { at, needs: () => step }));
  const most = Math.max(...all.map((ticks) => ticks.length));
  return all.find(({ length }) => length >= Math.min(ENOUGH, most)) ?? [];
}

/** Between two texts on the lower axis. */
const X_GAP = 20;

function lowerTicks(
  { of, points, originalBytes, measure }: FrameInput,
  axis: Axis,
  range: Range,
  x: (value: number) => number,
): Pick<Frame, 'xTicks' | 'ratios'> {
  const texts = of.setup ? timeTexts : sizeTicks;
  const original = of.setup
    ? usualOriginal(points.flatMap(({ time }) => time ?? []))
    : originalBytes;
  const [low, high] = range.map(axis.transform.value);
  const along = (
    sets: readonly (readonly number[])[],
    at: (value: number) => number,
    write: (ticks: readonly number[]) => string[],
  ): Tick[] => {
    const needs = (value: number): number => measure(write([value])[0]) + X_GAP;
    const ticks = fittingTicks(sets, { at, needs });
    return write(ticks).map((text, index) => ({ at: at(ticks[index]), text }));
  };
  if (of.setup) {
    const times = tickSets(axis.transform, [low * original, high * original]);
    return {
      xTicks: original > 0 ? along(times, (time) => x(time / original), texts) : [],
      ratios: along(tickSets(axis.transform, range), x, timesTexts),
    };
  }
  return {
    xTicks: along(tickSets(axis.transform, range), x, texts),
    ratios:
      original > 0
        ? along(ratioSets(original / high, original / low), (r) => x(original / r), timesTexts)
        : [],
  };
}

const timesTexts = (ticks: readonly number[]): string[] => evenOrRound(ticks, '×');
const timeTexts = (ticks: readonly number[]): string[] => evenTicks(ticks, (text) => `${text} ms`);

function evenOrRound(ticks: readonly number[], unit: string): string[] {
  return roundTicks(ticks, (text) => `${text}${unit}`);
}

/** Where pixels lie in the plot, as shares of its sides from the lower end of each axis. */
export function spotAt({ area, lowerIsBetter }: Frame, left: number, top: number): Spot {
  const [x, down] = [
    (left - area.left) / (area.right - area.left),
    (top - area.top) / (area.bottom - area.top),
  ].map((share) => Math.min(1, Math.max(0, share)));
  return { x, y: lowerIsBetter ? down : 1 - down };
}
