import type { QueryClient } from '@tanstack/react-query';
import type { Trial } from '../../../workers/protocol.ts';
import { loadShipped } from '../files/samples.ts';
import type { ShippedTrials } from '../../core/report/shipped.ts';

const NONE: readonly Trial[] = [];

/** What is asked for to know the shipped trials of a model that is open, or about to be; nothing of other models. */
export function shippedQuery(origin: string | undefined) {
  const name = origin?.startsWith('sample:') === true ? origin.slice('sample:'.length) : undefined;
  return {
    queryKey: ['shipped', name],
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<readonly Trial[]> => {
      const shipped = name === undefined ? undefined : await loadShipped(name, signal);
      return shipped === undefined ? NONE : trialsOf(shipped);
    },
  };
}

/** Has them on their way while the model itself is fetched. */
export function prefetchShipped(queries: QueryClient, origin: string): void {
  void queries.prefetchQuery(shippedQuery(origin));
}

function trialsOf({ measured, model, trials }: ShippedTrials): readonly Trial[] {
  return trials.map(({ id, name, report }) => ({
    ...{ id, model, name, report, recipe: report.recipe },
    createdAt: Date.parse(measured),
    state: 'done',
    shipped: true,
  }));
}

/** One's own trials first; what was computed here again takes the place of what was shipped. */
export function withShipped(own: readonly Trial[], shipped: readonly Trial[]): readonly Trial[] {
  const known = new Set(own.map(({ id }) => id));
  const others = shipped.filter(({ id }) => !known.has(id));
  return others.length === 0 ? own : [...own, ...others];
}
