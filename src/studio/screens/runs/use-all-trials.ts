import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Trial } from '../../../../workers/protocol.ts';
import { useModel } from '../../state/model-store.ts';
import { shippedQuery } from '../../state/shipped.ts';
import { useTrials } from '../../state/trials.ts';
import { useHidden } from './delete-trial.ts';
import { FIRST_SAMPLE } from './no-runs.tsx';

const NONE: readonly Trial[] = [];

/** The trials of this browser; those that ship with the open sample, or with the first one where there is nothing yet. */
export function useAllTrials() {
  const { trials, loading, error } = useTrials();
  const hidden = useHidden((state) => state.ids);
  const origin = useModel((state) => state.view?.origin);
  const own = useMemo(() => trials.filter(({ id }) => !hidden.includes(id)), [trials, hidden]);
  const empty = !loading && trials.length === 0;
  const from = origin ?? (empty ? FIRST_SAMPLE.origin : undefined);
  const { data = NONE } = useQuery(shippedQuery(from));
  const shipped = useMemo(
    () => data.filter(({ id }) => !trials.some((trial) => trial.id === id)),
    [data, trials],
  );
  return { trials: own, shipped, loading, error };
}
