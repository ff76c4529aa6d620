import { frameOf, standing, type Frame, type FrameInput } from './frame.ts';
import { overlap, placeLabels, type Box, type LabelPlace } from './labels.ts';
import type { AxisMark } from './marks.ts';
import { staircase, type FrontierPoint } from './points.ts';
import { sameWithin } from './range.ts';
import { endOf, shortNames } from './short-names.ts';

/** A point where it is drawn. */
export interface PlacedPoint {
  readonly point: FrontierPoint;
  readonly cx: number;
  readonly cy: number;
  /** Ends of the error bar; unset for what is off the scale. */
  readonly bar?: readonly [number, number];
  /** Ends of how far its time may be chance, across. */
  readonly spread?: readonly [number, number];
  /** Off the scale: kept in the strip. */
  readonly worse: boolean;
  readonly text: string;
  /** Unset: there is no room for the name until one points at it. */
  readonly label?: LabelPlace;
}

export interface PlacedMark {
  readonly mark: AxisMark;
  readonly cx: number;
  readonly cy: number;
  readonly label?: LabelPlace;
  /** Where the dotted line to what it becomes ends: at the top of the plot while nothing is known. */
  readonly tie?: { readonly x: number; readonly y: number };
}

export interface Layout {
  readonly frame: Frame;
  readonly points: readonly PlacedPoint[];
  readonly marks: readonly PlacedMark[];
  /** How many points lie outside of what is seen. */
  readonly outside: number;
  /** The frontier, as the path of an SVG. */
  readonly path: string;
  /** The level of the original, and where the same within two standard errors ends. */
  readonly original?: number;
  readonly band?: Pick<Box, 'top' | 'bottom'>;
  /** Where the band says what it is: its baseline. */
  readonly bandLabel?: { readonly x: number; readonly y: number };
}

export interface LayoutInput extends FrameInput {
  readonly selected?: string;
  /** The metric of a point off the scale, as text. */
  readonly valueOf: (point: FrontierPoint) => string;
  /** What is written in the band. */
  readonly same: string;
}

/** Radius of a mark, and of the ring round the shown trial's. */
const MARK = 6;
const RING = 10;

export function layoutOf(input: LayoutInput): Layout {
  const frame = frameOf(input);
  const names = shortNames(input.points.map(({ label }) => label));
  const placed = input.points.flatMap((point) => {
    const name = names.get(point.label) ?? point.label;
    return placedPoint(input, frame, point, name);
  });
  const marks = input.marks.map((mark) => placedMark(frame, mark, placed));
  const known = levels(frame, input.points);
  const bandLabel = bandLabelOf(input, frame, placed, known.band);
  const labels = labelsOf(input, frame, placed, marks, bandLabel);
  const corners = cornersOf(frame, input.points);
  return {
    frame,
    points: placed.map((one) => ({ ...one, label: labels.get(one.point.id) })),
    marks: marks.map((one) => ({ ...one, label: labels.get(one.mark.id) })),
    outside: input.points.length - placed.length,
    path: pathOf(corners),
    ...known,
    ...(bandLabel ? { bandLabel: { x: bandLabel.left, y: bandLabel.bottom - 4 } } : {}),
  };
}

function placedPoint(
  { valueOf, measure }: LayoutInput,
  frame: Frame,
  point: FrontierPoint,
  name: string,
): PlacedPoint[] {
  const where = standing(point, frame);
  if (where === 'outside') return [];
  const cx = frame.x(point.x);
  if (where === 'worse' && frame.strip) {
    const cy = (frame.strip.top + frame.strip.bottom) / 2;
    const write = (part: string): string => `${part} ${valueOf(point)} ↓`;
    const room = Math.max(frame.area.right - cx, cx - frame.area.left) - RING - 4;
    const text = write(endOf(name, (part) => measure(write(part)) <= room));
    return [{ point, cx, cy, worse: true, text }];
  }
  const { top, bottom } = frame.area;
  const [a, b] = [point.y - point.bar, point.y + point.bar].map((value) =>
    Math.min(bottom, Math.max(top, frame.y(value))),
  );
  const spread = spreadOf(frame, point);
  return [{ point, cx, cy: frame.y(point.y), worse: false, text: name, bar: [a, b], spread }];
}

function spreadOf({ x, area }: Frame, { time }: FrontierPoint): PlacedPoint['spread'] {
  if (time === undefined) return undefined;
  const [from, to] = time.spread.map((ratio) =>
    Math.min(area.right, Math.max(area.left, x(ratio))),
  );
  return [from, to];
}

function placedMark(frame: Frame, mark: AxisMark, points: readonly PlacedPoint[]): PlacedMark {
  const into = points.find(({ point }) => point.id === mark.becomes);
  const cx = frame.x(mark.bytes);
  const open = mark.accent === true && mark.becomes === undefined;
  const tie = into ? { x: into.cx, y: into.cy } : open ? { x: cx, y: frame.area.top } : undefined;
  return { mark, cx, cy: frame.axis, tie };
}

function levels(frame: Frame, points: readonly FrontierPoint[]): Pick<Layout, 'original' | 'band'> {
  const original = points.find(({ kind }) => kind === 'original');
  const { top, bottom } = frame.area;
  if (original === undefined) return {};
  const level = frame.y(original.y);
  const within = sameWithin(points);
  if (within === undefined) return level >= top && level <= bottom ? { original: level } : {};
  const ends = [frame.y(original.y - within), frame.y(original.y + within)].sort((a, b) => a - b);
  const [from, to] = ends.map((end) => Math.min(bottom, Math.max(top, end)));
  return {
    ...(level >= top && level <= bottom ? { original: level } : {}),
    ...(to > from ? { band: { top: from, bottom: to } } : {}),
  };
}

const BAND_LABEL = 16;

/** The band is named at its left end, where it is high enough and nothing is in the way. */
function bandLabelOf(
  { measure, same }: LayoutInput,
  { area }: Frame,
  points: readonly PlacedPoint[],
  band: Layout['band'],
): Box | undefined {
  if (band === undefined || band.bottom - band.top < BAND_LABEL) return undefined;
  const left = area.left + 8;
  const bottom = band.bottom;
  const box = { left, top: bottom - BAND_LABEL, right: left + measure(same), bottom };
  return points.some((point) => shapesOf(point, true).some((shape) => overlap(shape, box)))
    ? undefined
    : box;
}

interface Corner {
  readonly x: number;
  readonly y: number;
}

function cornersOf(frame: Frame, points: readonly FrontierPoint[]): readonly Corner[] {
  const frontier = points.filter(({ onFrontier }) => onFrontier);
  return staircase(frontier).map(({ x, y }) => ({ x: frame.x(x), y: frame.y(y) }));
}

function pathOf(corners: readonly Corner[]): string {
  const texts = corners.map(({ x, y }) => `${x.toFixed(2)},${y.toFixed(2)}`);
  return texts.length === 0 ? '' : `M${texts.join('L')}`;
}

/** Of more points than these, dominated ones are named only when one points at them: names are not a carpet. */
const NAMED = 40;

/** The shown trial and the original are named first, then the frontier: they may crowd the others out. */
function labelsOf(
  { selected, measure }: LayoutInput,
  frame: Frame,
  points: readonly PlacedPoint[],
  marks: readonly PlacedMark[],
  bandLabel: Box | undefined,
): Map<string, LabelPlace> {
  const { left, top, right, bottom } = frame.area;
  // Text may stand a little beside the plot, but not where the axes' own texts are.
  const room = { left, top, right: right + 20, bottom: frame.axis };
  const inPlot = { ...room, bottom };
  const rank = ({ point: { id, kind, onFrontier }, worse }: PlacedPoint): number =>
    id === selected || kind === 'interim'
      ? 0
      : kind === 'original'
        ? 1
        : onFrontier || worse
          ? 2
          : 3;
  const named = points
    .filter((one) => rank(one) < 3 || points.length <= NAMED)
    .sort((a, b) => rank(a) - rank(b))
    .map(({ point: { id }, cx: x, cy: y, text, worse }) => ({
      ...{ id, x, y, width: measure(text), must: id === selected },
      ...(worse ? { where: 'beside' as const } : { within: inPlot }),
    }));
  const onAxis = marks.map(({ mark: { id, text }, cx: x, cy: y }) => ({
    ...{ id, x, y, width: measure(text), where: 'above' as const },
  }));
  const obstacles = [
    ...(bandLabel ? [bandLabel] : []),
    ...points.flatMap((point) => shapesOf(point, point.point.id === selected)),
    ...marks.map(({ cx, cy }) => ({ left: cx - 6, top: cy - 11, right: cx + 6, bottom: cy })),
  ];
  const lines = [
    ...stairs(
      cornersOf(
        frame,
        points.map(({ point }) => point),
      ),
    ),
    ...ties(marks),
  ];
  return placeLabels([...onAxis, ...named], obstacles, lines, room);
}

/** What is always drawn of a point: bars of dominated trials come when one points at them. */
function shapesOf({ point, cx: x, cy: y, bar }: PlacedPoint, ringed: boolean): Box[] {
  const radius = ringed ? RING : MARK;
  const mark = { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
  if (bar === undefined || !(ringed || isLoud(point))) return [mark];
  return [mark, { left: x - 4, top: Math.min(...bar), right: x + 4, bottom: Math.max(...bar) }];
}

/** Whether a point shows its bar without being asked. */
export function isLoud({ kind, onFrontier }: FrontierPoint): boolean {
  return onFrontier || kind !== 'trial';
}

/** The steps of the frontier line. */
function stairs(corners: readonly Corner[]): Box[] {
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

function ties(marks: readonly PlacedMark[]): Box[] {
  return marks.flatMap(({ cx, cy, tie }) =>
    tie
      ? [{ left: Math.min(cx, tie.x) - 1, top: tie.y, right: Math.max(cx, tie.x) + 1, bottom: cy }]
      : [],
  );
}
