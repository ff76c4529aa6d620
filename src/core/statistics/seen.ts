import { lookKey, type RowsView } from './look.ts';
import type { ResultOf, Take } from './take.ts';

/** What was collected, by rows and take. */
export interface Seen {
  /** Undefined when nobody asked for it, or when no row came by. */
  at<T extends Take>(view: RowsView, take: T): ResultOf<T> | undefined;
}

/** Results by {@link lookKey}. */
export type Results = ReadonlyMap<string, unknown>;

/** {@link Seen} over results that were stored under the keys of their looks. */
export function seenIn(results: Results): Seen {
  return {
    // The key holds the take, and each take's accumulator gives its own kind of result.
    at: <T extends Take>(view: RowsView, take: T) =>
      results.get(lookKey(view, take)) as ResultOf<T> | undefined,
  };
}

/** Nothing was looked at. */
export const nothingSeen: Seen = seenIn(new Map());
