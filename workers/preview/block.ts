import { groupOf, type Entry, type Group, type Span } from '../../src/core/encodings/index.ts';
import { groupHistogram } from './group-histogram.ts';
import type { Outcome } from './outcome.ts';
import type { BlockPicture } from './picture.ts';
import type { Subject } from './pictures.ts';

/** Of a larger block so many weights of one row are drawn. */
const MOST_DRAWN = 128;

/** Where there is no grid, so many neighbours are shown together. */
const NEIGHBOURS = 32;

/** The block that a weight belongs to: its grid, and its weights before and after. */
export function blockPicture(
  subject: Subject,
  outcome: Outcome | undefined,
  entry: Entry,
  bins: number,
): BlockPicture {
  const { frame, weight, stored } = subject;
  const before = stored && groupOf(stored, frame, entry);
  const group = outcome === undefined ? before : outcome.group(entry);
  const { rows, columns } = group ?? neighbours(entry, frame.columns);
  const drawn = { row: entry.row, columns: windowAround(entry.column, columns) };
  const { from, end } = drawn.columns;
  const at = entry.row * frame.columns;
  const histogram = group && groupHistogram(subject, outcome, group, bins);
  return {
    ...{ rows, columns, drawn },
    before: weight.values.slice(at + from, at + end),
    ...(outcome && { after: outcome.rows([entry.row]).values.slice(from, end) }),
    ...(group && { grid: gridOf(group) }),
    ...(histogram && { histogram }),
  };
}

function gridOf({ bits, scale, zero, levels }: Group) {
  return { bits, scale, levels, ...(zero !== undefined && { zero }) };
}

function neighbours({ row, column }: Entry, columns: number): { rows: Span; columns: Span } {
  const from = Math.floor(column / NEIGHBOURS) * NEIGHBOURS;
  return {
    rows: { from: row, end: row + 1 },
    columns: { from, end: Math.min(columns, from + NEIGHBOURS) },
  };
}

/** The columns to draw: all, else those of the stretch that the weight is in. */
export function windowAround(column: number, { from, end }: Span): Span {
  if (end - from <= MOST_DRAWN) return { from, end };
  const start = from + Math.floor((column - from) / MOST_DRAWN) * MOST_DRAWN;
  return { from: start, end: Math.min(end, start + MOST_DRAWN) };
}
