import type { Crop, Entry } from '../../../../../workers/protocol.ts';

/** Rows and columns of a layer. */
export interface Extent {
  readonly rows: number;
  readonly columns: number;
}

interface Span {
  readonly from: number;
  readonly end: number;
}

/** What the maps show at most: a cell per weight has to stay large enough to see. */
export const MOST: Extent = { rows: 40, columns: 64 };

/** The part of a layer from a place on. */
export function cropFrom(origin: Entry): Crop {
  return {
    rows: { from: origin.row, end: origin.row + MOST.rows },
    columns: { from: origin.column, end: origin.column + MOST.columns },
  };
}

/** The part of a layer around a place. */
export function cropAt({ row, column }: Entry, { rows, columns }: Extent): Crop {
  return {
    rows: windowFrom(row - MOST.rows / 2, MOST.rows, rows),
    columns: windowFrom(column - MOST.columns / 2, MOST.columns, columns),
  };
}

/** The part shown, moved no further than needed for a place to be in it. */
export function cropWith({ row, column }: Entry, shown: Crop, extent: Extent): Crop {
  return {
    rows: including(row, shown.rows, extent.rows),
    columns: including(column, shown.columns, extent.columns),
  };
}

function including(at: number, { from, end }: Span, length: number): Span {
  if (at < from) return windowFrom(at, end - from, length);
  return at >= end ? windowFrom(at + 1 - (end - from), end - from, length) : { from, end };
}

function windowFrom(from: number, size: number, length: number): Span {
  const start = Math.max(0, Math.min(Math.round(from), length - size));
  return { from: start, end: Math.min(length, start + size) };
}

export function isWhole({ rows, columns }: Crop, extent: Extent): boolean {
  return rows.end - rows.from === extent.rows && columns.end - columns.from === extent.columns;
}

/** The weight under a point of a map, given as shares of its width and height. */
export function entryUnder(x: number, y: number, { rows, columns }: Crop): Entry {
  const at = (share: number, { from, end }: Span): number =>
    from + Math.max(0, Math.min(end - from - 1, Math.floor(share * (end - from))));
  return { row: at(y, rows), column: at(x, columns) };
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-MOST.rows, 0],
  PageDown: [MOST.rows, 0],
  Home: [0, -Infinity],
  End: [0, Infinity],
};

/** Where a key moves from a weight; undefined for keys that move nothing. */
export function moved({ row, column }: Entry, key: string, extent: Extent): Entry | undefined {
  const step = STEPS[key];
  if (step === undefined) return undefined;
  const within = (at: number, length: number): number => Math.max(0, Math.min(length - 1, at));
  return {
    row: within(row + step[0], extent.rows),
    column: within(column + step[1], extent.columns),
  };
}

/** A weight's place in the arrays of a crop; undefined outside of it. */
export function indexIn({ row, column }: Entry, { rows, columns }: Crop): number | undefined {
  const inside =
    row >= rows.from && row < rows.end && column >= columns.from && column < columns.end;
  if (!inside) return undefined;
  return (row - rows.from) * (columns.end - columns.from) + column - columns.from;
}
