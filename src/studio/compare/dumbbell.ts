import { scaleLinear } from 'd3-scale';
import type { ComparedRow } from './compare-rows.ts';

export interface DumbbellMark {
  /** Place of the trial among those compared. */
  readonly at: number;
  readonly x: number;
  readonly from: number;
  readonly to: number;
  /** 0 unless it would cover another mark's letter: then they stand one above the other. */
  readonly lane: number;
}

export interface Dumbbell {
  readonly marks: readonly DumbbellMark[];
  readonly lanes: number;
  /** The original's value, where it lies within the picture. */
  readonly original?: number;
}

/** Closer than this, one mark covers the letter of the other. */
export const MARK_WIDTH = 14;

/**
 * Where the values of a row stand on a line so many pixels long: with their bars from end to end. The original
 * joins in where it does not press all others into a corner. What is not to be compared is not on one line either.
 */
export function dumbbell(
  { values, original, differences }: Pick<ComparedRow, 'values' | 'original' | 'differences'>,
  width: number,
): Dumbbell {
  const known = values.flatMap((value, at) => {
    const apart = at > 0 && 'apart' in differences[at - 1];
    return value && !apart && Number.isFinite(value.value) ? [{ ...value, at }] : [];
  });
  if (known.length === 0) return { marks: [], lanes: 0 };
  const ends = known.flatMap(({ bar }) => bar);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const near = original !== undefined && isNear(original, low, high);
  const domain = near ? [Math.min(low, original), Math.max(high, original)] : [low, high];
  const pad = MARK_WIDTH;
  const scale = scaleLinear(domain[0] === domain[1] ? [low - 1, high + 1] : domain, [
    pad,
    width - pad,
  ]);
  const marks = known.map(({ at, value, bar }) => ({
    ...{ at, x: scale(value), from: scale(bar[0]), to: scale(bar[1]) },
  }));
  return { ...inLanes(marks), ...(near && { original: scale(original) }) };
}

function inLanes(marks: readonly Omit<DumbbellMark, 'lane'>[]): Pick<Dumbbell, 'marks' | 'lanes'> {
  const ends: number[] = [];
  const placed = [...marks]
    .sort((a, b) => a.x - b.x)
    .map((mark) => {
      const free = ends.findIndex((end) => mark.x - end >= MARK_WIDTH);
      const lane = free < 0 ? ends.length : free;
      ends[lane] = mark.x;
      return { ...mark, lane };
    });
  return { marks: placed.sort((a, b) => a.at - b.at), lanes: ends.length };
}

/** How many times the span of the trials the picture may grow for the original's sake. */
const ROOM = 4;

function isNear(original: number, low: number, high: number): boolean {
  const span = Math.max(high - low, Math.abs(high) * 1e-9);
  return original >= low - ROOM * span && original <= high + ROOM * span;
}
