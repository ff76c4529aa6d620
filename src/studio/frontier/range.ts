import type { Better } from '../../core/metrics/types.ts';
import type { ChartOf, FrontierPoint } from './points.ts';
import { isProportion } from './change.ts';
import { LINEAR, LOG2, log10From, symlog, type Range, type Transform } from './axis.ts';

/** Which part of the points an axis shows, before anyone zooms. */
export type Base = 'usual' | 'frontier' | 'all';

export interface Axis {
  readonly transform: Transform;
  readonly range: Range;
}

/** Differences of this part of the original are never drawn large: 1 %, or one point of a proportion. */
const LEAST_CHANGE = 0.01;
/** Nor are those of so many standard errors of the best known trial. */
const LEAST_ERRORS = 5;

/** Half of the least span of the quality axis, in its units: what is smaller must not look like a cliff. */
export function leastHalf(points: readonly FrontierPoint[], of: ChartOf): number {
  const original = points.find(({ kind }) => kind === 'original');
  const scale = of.as === 'change' ? 100 : isProportion(of.quality) ? 1 : original?.value;
  const bars = points.filter(({ kind, bar }) => kind === 'trial' && bar > 0).map(({ bar }) => bar);
  const errors = bars.length > 0 ? LEAST_ERRORS * Math.min(...bars) : 0;
  return Math.max(LEAST_CHANGE * Math.abs(scale ?? 0), errors);
}

/** From here on a trial is so much worse than the next best that both on one axis show neither. */
const GAP = 4;
/** Half spans: what is that near to the original is no reason to cut anything off. */
const NEAR = 10;

/**
 * Trials that would press all others into a line: past the widest gap, when that is four times as wide as all that
 * lies before it, and at most half of them.
 */
export function outliers(points: readonly FrontierPoint[], of: ChartOf): ReadonlySet<string> {
  const trials = points.filter(({ kind }) => kind === 'trial');
  const loss = lossOf(points, of.quality.better);
  // A distance from zero is drawn as its logarithm: there no gap is too wide.
  if (of.quality.ofOriginal === 0) return new Set();
  const sorted = [...trials].sort((a, b) => loss(a) - loss(b));
  const least = NEAR * leastHalf(points, of);
  let [cut, widest] = [sorted.length, GAP];
  for (let at = Math.ceil(sorted.length / 2); at < sorted.length; at += 1) {
    if (at === 0) continue;
    const gap = loss(sorted[at]) / Math.max(loss(sorted[at - 1]), least);
    if (gap > widest) [cut, widest] = [at, gap];
  }
  return new Set(sorted.slice(cut).map(({ id }) => id));
}

/** How much worse than the original, or where that is not known than the best. */
function lossOf(points: readonly FrontierPoint[], better: Better) {
  const sign = better === 'lower' ? 1 : -1;
  const original = points.find(({ kind }) => kind === 'original')?.y;
  const from = original ?? sign * Math.min(...points.map(({ y }) => sign * y));
  return ({ y }: FrontierPoint): number => sign * (y - from);
}

/** Part of the axis left free at both ends. */
const MARGIN = 0.06;

/** The quality axis: linear, or logarithmic where a few would flatten the rest. */
export function qualityAxis(points: readonly FrontierPoint[], of: ChartOf, base: Base): Axis {
  const far = base === 'all' ? new Set<string>() : outliers(points, of);
  const near = points.filter(({ id }) => !far.has(id));
  const half = leastHalf(points, of);
  const transform = qualityTransform(near, of, half);
  const seen = base === 'frontier' ? near.filter(worthIt) : near;
  return { transform, range: padded(placesOf(seen, of, half, transform)) };
}

function worthIt({ kind, onFrontier }: FrontierPoint): boolean {
  return onFrontier || kind !== 'trial';
}

/** From here on the better half of the values would share less than a third of a linear axis. */
const LARGE_RATIO = 3;
/** Changes are spread so widely that most would be pressed together. */
const WIDE = 12;

function qualityTransform(points: readonly FrontierPoint[], of: ChartOf, half: number): Transform {
  if (of.as === 'change') {
    const losses = points.map(lossOf(points, of.quality.better)).sort((a, b) => a - b);
    const [typical, worst] = [losses[losses.length >> 1] ?? 0, losses.at(-1) ?? 0];
    return worst > WIDE * Math.max(typical, half) ? symlog(half) : LINEAR;
  }
  const values = points.map(({ y }) => y);
  const positive = values.filter((value) => value > 0);
  const large = Math.max(...positive) > LARGE_RATIO * Math.min(...positive);
  if (of.quality.better === 'higher' || !large || values.some((value) => value < 0)) return LINEAR;
  const withZero = positive.length < values.length;
  return log10From(floorOf(positive, withZero), withZero ? Math.min(...positive) : undefined);
}

/** How far below the least value zero is drawn, which has no logarithm, in parts of the axis. */
const TO_ZERO = 0.15;

function floorOf(positive: readonly number[], withZero: boolean): number {
  const [low, high] = [Math.min(...positive), Math.max(...positive)].map(Math.log10);
  return withZero ? low - TO_ZERO * (high - low) : low - 1;
}

/** The ends of what is seen: with bars of the frontier, and never less than the least span about the original. */
function placesOf(
  points: readonly FrontierPoint[],
  { quality, as }: ChartOf,
  half: number,
  { place, kind }: Transform,
): Range {
  const ends = points.flatMap(({ y, bar, kind: what }) =>
    what !== 'interim' && kind === 'linear' ? [y - bar, y + bar] : [y],
  );
  const original = points.find((point) => point.kind === 'original')?.y;
  const sign = quality.better === 'lower' ? 1 : -1;
  if (original !== undefined && (as === 'change' || quality.ofOriginal !== 0)) {
    ends.push(original - sign * 0.5 * half, original + sign * 1.5 * half);
  }
  const places = ends.map(place).filter(Number.isFinite);
  return places.length === 0 ? [0, 1] : [Math.min(...places), Math.max(...places)];
}

function padded([low, high]: Range): Range {
  const span = high - low > 0 ? high - low : Math.abs(high) || 1;
  return [low - MARGIN * span, high + MARGIN * span];
}

/** The least that the size axis spans: files 2.5 times as large as others. */
const LEAST_OCTAVES = Math.log2(2.5);

/** Size, in doublings. */
export function sizeAxis(bytes: readonly number[]): Axis {
  const places = bytes.filter((count) => count > 0).map(Math.log2);
  if (places.length === 0) return { transform: LOG2, range: [0, 10] };
  const high = Math.max(...places);
  return {
    transform: LOG2,
    range: padded([Math.min(high - LEAST_OCTAVES, ...places), high]),
  };
}

/** Times as multiples of the original's: a tenth more or less is never drawn large. */
export function timeAxis(ratios: readonly number[]): Axis {
  const low = Math.min(0.9, ...ratios);
  return { transform: LINEAR, range: padded([low, Math.max(1.1, ...ratios)]) };
}

/**
 * Half the height of the band in which a trial is the same as the original within two standard errors. Each trial has
 * an error of its own: the band is wide enough for all that are the same and, where that is possible at once, too
 * narrow for those that are not.
 */
export function sameWithin(points: readonly FrontierPoint[]): number | undefined {
  const from = points.find(({ kind }) => kind === 'original')?.y;
  if (from === undefined) return undefined;
  const paired = points
    .filter(({ kind, difference, bar }) => kind === 'trial' && difference !== undefined && bar > 0)
    .map(({ y, bar }) => ({ off: Math.abs(y - from), two: 2 * bar }))
    .sort((a, b) => a.off - b.off);
  const same = paired.filter(({ off, two }) => off <= two);
  const [nearest] = paired;
  if (same.length === 0) return nearest?.two;
  const widest = Math.max(...same.map(({ two }) => two));
  const reach = same[same.length - 1].off;
  const others = paired.filter(({ off, two }) => off > two && off > reach);
  return others.length > 0 ? Math.min(widest, Math.max(reach, others[0].off * 0.999)) : widest;
}
