import { scaleLinear } from 'd3-scale';

/** Ends of an axis, the smaller first, in places (see {@link Transform}). */
export type Range = readonly [number, number];

/** Positions along an axis: equal steps of a place are equally many pixels. */
export interface Transform {
  readonly kind: 'linear' | 'log' | 'symlog';
  readonly place: (value: number) => number;
  readonly value: (place: number) => number;
  /** Up to here from zero a symmetric logarithmic axis is linear. */
  readonly linear?: number;
  /** Set where a logarithmic axis has zero on it, at its floor: the least value that lies where its logarithm is. */
  readonly least?: number;
}

export const LINEAR: Transform = { kind: 'linear', place: (v) => v, value: (p) => p };

/** Doublings. */
export const LOG2: Transform = { kind: 'log', place: Math.log2, value: (p) => 2 ** p };

/** Powers of ten; what has no logarithm is drawn at `floor`, below the `least` value that has one. */
export function log10From(floor: number, least?: number): Transform {
  const place = (value: number): number => (value > 0 ? Math.max(floor, Math.log10(value)) : floor);
  return { kind: 'log', place, value: (p) => 10 ** p, least };
}

/** Linear within ±`linear` of zero, logarithmic beyond: sign(v) · log(1 + |v| / linear). */
export function symlog(linear: number): Transform {
  return {
    kind: 'symlog',
    linear,
    place: (v) => Math.sign(v) * Math.log1p(Math.abs(v) / linear),
    value: (p) => Math.sign(p) * Math.expm1(Math.abs(p)) * linear,
  };
}

/** Round values within a range, in sets from dense to sparse. */
export function tickSets(transform: Transform, [from, to]: Range): number[][] {
  const [low, high] = [transform.value(from), transform.value(to)];
  const linear = linearSets(low, high);
  if (transform.kind === 'linear') return linear;
  const round = roundSets(transform, low, high);
  // Where one looks closely there are few round powers, and the axis is nearly linear.
  const enough = round.filter((ticks) => ticks.length >= 3);
  return enough.length > 0 ? enough : linear;
}

function roundSets(transform: Transform, low: number, high: number): number[][] {
  const { kind, linear = 0, least, place, value } = transform;
  if (kind === 'symlog') return symlogSets(low, high, linear);
  if (least === undefined) return logSets(low, high);
  const zero = value(place(0)) >= low ? [0] : [];
  return logSets(Math.max(least, low), high).map((ticks) => [...zero, ...ticks]);
}

const COUNTS = [12, 10, 8, 7, 6, 5, 4, 3, 2] as const;

function linearSets(low: number, high: number): number[][] {
  const scale = scaleLinear().domain([low, high]);
  return COUNTS.map((count) => scale.ticks(count));
}

/** Leading digits of ticks, from dense to sparse. */
const DIGITS = [[1, 1.5, 2, 3, 4, 5, 7], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]] as const;
/** Powers of ten from one tick to the next. */
const STRIDES = [1, 2, 3, 4, 6, 10] as const;

function logSets(low: number, high: number): number[][] {
  const dense = DIGITS.map((digits) => roundBetween(low, high, digits, 1));
  return [...dense, ...STRIDES.slice(1).map((stride) => roundBetween(low, high, [1], stride))];
}

function roundBetween(low: number, high: number, digits: readonly number[], stride: number) {
  const ticks: number[] = [];
  if (!(low > 0)) return ticks;
  const first = Math.floor(Math.log10(low) / stride) * stride;
  for (let exponent = first; 10 ** exponent <= high; exponent += stride) {
    for (const digit of digits) {
      const tick = Number(`${digit}e${exponent}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/**
 * Zero, and on both sides of it round magnitudes from a first one on. Near zero decades are pressed together while
 * further out they have room: so every magnitude may be the first.
 */
function symlogSets(low: number, high: number, linear: number): number[][] {
  const ladders = laddersBetween(Math.max(linear, low, -high), Math.max(high, -low));
  const within = (ladder: readonly number[]): number[] =>
    [...ladder.map((size) => -size).reverse(), 0, ...ladder].filter(
      (tick) => tick >= low && tick <= high,
    );
  const hasZero = low <= 0 && high >= 0;
  const sets = ladders.flatMap((ladder) => (hasZero ? endsOf(ladder) : [ladder]));
  return sets.map(within).sort((a, b) => b.length - a.length);
}

/** Sparse before dense: of as many ticks, whole decades are read best. */
function laddersBetween(least: number, largest: number): number[][] {
  const decades = roundBetween(least, largest, [1], 1);
  const sparse = STRIDES.slice(1).flatMap((stride) =>
    decades.slice(0, stride).map((_, first) => decades.filter((__, at) => at % stride === first)),
  );
  const dense = DIGITS.map((digits) => roundBetween(least, largest, digits, 1));
  return [...sparse, ...dense.reverse()].filter(({ length }) => length > 0);
}

function endsOf(ladder: readonly number[]): number[][] {
  return ladder.map((_, first) => ladder.slice(first));
}

/** How far apart neighbours of a set must be: at least as much as both need. */
export interface Room {
  /** Pixels along the axis. */
  readonly at: (value: number) => number;
  /** Pixels a tick's text takes along the axis, with the space round it. */
  readonly needs: (value: number) => number;
}

/** The densest set whose texts have room; where none has, what is left of the sparsest. */
export function fittingTicks(sets: readonly (readonly number[])[], room: Room): number[] {
  const usable = sets.filter((ticks) => ticks.length >= 2);
  const found = usable.find((ticks) => thinned(ticks, room).length === ticks.length);
  if (found !== undefined) return [...found];
  const sparsest = usable.at(-1) ?? sets.find((ticks) => ticks.length > 0) ?? [];
  return thinned(sparsest, room);
}

function thinned(ticks: readonly number[], { at, needs }: Room): number[] {
  const kept: number[] = [];
  for (const tick of ticks) {
    const last = kept.at(-1);
    const room = last === undefined ? Infinity : Math.abs(at(tick) - at(last));
    if (last === undefined || room >= (needs(tick) + needs(last)) / 2) kept.push(tick);
  }
  return kept;
}

/** Times smaller than the original: doublings, with one step between them, two, four … apart. */
export function ratioSets(low: number, high: number): number[][] {
  const all: number[] = [];
  const first = Math.floor(Math.log2(low));
  for (let power = first; 2 ** power <= high; power += 1) all.push(2 ** power, 1.5 * 2 ** power);
  const inside = (tick: number): boolean => tick >= low && tick <= high;
  const doublings = all.filter((tick) => Number.isInteger(Math.log2(tick)));
  const sets = [all, doublings, doublings.filter((tick) => Math.log2(tick) % 2 === 0)];
  const round = sets.map((ticks) => ticks.filter(inside)).filter((ticks) => ticks.length >= 2);
  return round.length > 0 ? round : linearSets(low, high);
}
