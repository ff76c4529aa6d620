import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Trial } from '../../../../workers/protocol.ts';
import { useModel } from '../../state/model-store.ts';
import { shippedQuery, withShipped } from '../../state/shipped.ts';
import { useTrials } from '../../state/trials.ts';
import { useHidden } from './delete-trial.ts';
import { FIRST_SAMPLE } from './no-runs.tsx';

const NONE: readonly Trial[] = [];

/** The trials of this browser; those that ship with the open sample, or with the first one where there is nothing yet. */
export function useAllTrials() {
  const { trials, loading, error } = useTrials();
  const hidden = useHidden((state) => state.ids);
  const view = useModel((state) => state.view);
  const own = useMemo(() => trials.filter(({ id }) => !hidden.includes(id)), [trials, hidden]);
  const empty = !loading && trials.length === 0;
  // The open model's; else, where there is nothing at all, those of a sample as an example.
  const ofOpen = view?.origin.startsWith('sample:') === true;
  const from = ofOpen ? view.origin : empty ? FIRST_SAMPLE.origin : undefined;
  const { data = NONE } = useQuery(shippedQuery(from));
  const open = ofOpen ? view.sha256 : undefined;
  const shipped = useMemo(
    () => withShipped(trials, data.filter(isOf(open))).slice(trials.length),
    [data, trials, open],
  );
  return { trials: own, shipped, loading, error };
}

/** Trials of one model; of any where none is named. */
function isOf(open: string | undefined): (trial: Trial) => boolean {
  return ({ model }) => open === undefined || model.sha256 === open;
}
