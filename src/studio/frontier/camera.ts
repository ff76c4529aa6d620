import type { Range } from './axis.ts';
import type { Base } from './range.ts';

/** The part of both axes that is seen, in places. */
export interface View {
  readonly x: Range;
  readonly y: Range;
}

/** What one looks at: a part that fits by itself, or one that was zoomed to. */
export interface Camera {
  readonly base: Base;
  readonly view?: View;
}

export const USUAL: Camera = { base: 'usual' };

/** A point of the plot as shares of its sides, from the lower end of each axis. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

const CENTRE: Spot = { x: 0.5, y: 0.5 };

/** Shows `factor` times as much, with what lies at `spot` staying there. */
export function zoomed(view: View, whole: View, factor: number, spot: Spot = CENTRE): View {
  return {
    x: scaled(view.x, whole.x, factor, spot.x),
    y: scaled(view.y, whole.y, factor, spot.y),
  };
}

/** No deeper than this part of the whole axis, nor further out than twice of it. */
const DEEPEST = 1 / 400;
const WIDEST = 2;

function scaled([low, high]: Range, whole: Range, factor: number, share: number): Range {
  const all = whole[1] - whole[0];
  const span = Math.min(WIDEST * all, Math.max(DEEPEST * all, (high - low) * factor));
  const fixed = low + share * (high - low);
  return [fixed - share * span, fixed + (1 - share) * span];
}

/** Moves by shares of what is seen. */
export function moved({ x, y }: View, by: Spot): View {
  return { x: shifted(x, by.x), y: shifted(y, by.y) };
}

function shifted([low, high]: Range, by: number): Range {
  const step = by * (high - low);
  return [low + step, high + step];
}

/** The part between two corners. */
export function between(view: View, whole: View, a: Spot, b: Spot): View {
  return { x: cut(view.x, whole.x, a.x, b.x), y: cut(view.y, whole.y, a.y, b.y) };
}

function cut(range: Range, whole: Range, a: number, b: number): Range {
  const factor = Math.abs(a - b);
  const low = range[0] + Math.min(a, b) * (range[1] - range[0]);
  const part: Range = [low, low + factor * (range[1] - range[0])];
  return scaled(part, whole, 1, 0.5);
}
