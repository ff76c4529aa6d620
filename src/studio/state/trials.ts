import { QueryClient, useQuery } from '@tanstack/react-query';
import type { Trial } from '../../../workers/protocol.ts';
import { useMemo } from 'react';
import { clients } from '../client/clients.ts';
import { useModel } from './model-store.ts';
import { askToKeep } from './persistence.ts';
import { shippedQuery, withShipped } from './shipped.ts';
import { useView } from './view-store.ts';

export const queries = new QueryClient({
  defaultOptions: {
    // All answers come from this tab: being offline is no reason to wait.
    queries: {
      staleTime: Infinity,
      retry: false,
      refetchOnWindowFocus: false,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

const NONE: readonly Trial[] = [];

/** All trials this browser keeps, newest first. */
export function useTrials(): { trials: readonly Trial[]; loading: boolean; error: Error | null } {
  const { data, isPending, error } = useQuery({
    queryKey: ['trials'],
    queryFn: () => clients().engine.trials(),
    select: newestFirst,
  });
  return { trials: data ?? NONE, loading: isPending, error };
}

function newestFirst(trials: readonly Trial[]): readonly Trial[] {
  return [...trials].sort((a, b) => b.createdAt - a.createdAt);
}

/** Trials of the open model, its own first and then those that ship with it: the same list until one of them changes. */
export function useModelTrials(): readonly Trial[] {
  const { trials } = useTrials();
  const view = useModel((state) => state.view);
  const { data: shipped = NONE } = useQuery(shippedQuery(view?.origin));
  const sha256 = view?.sha256;
  return useMemo(() => trialsOf(trials, shipped, sha256), [trials, shipped, sha256]);
}

function trialsOf(
  trials: readonly Trial[],
  shipped: readonly Trial[],
  sha256: string | undefined,
): readonly Trial[] {
  const ofModel = (trial: Trial): boolean => trial.model.sha256 === sha256;
  return withShipped(trials.filter(ofModel), shipped.filter(ofModel));
}

/** The same list as far as it is known, for actions outside React. */
function knownTrials(): readonly Trial[] {
  const { view } = useModel.getState();
  const own = newestFirst(queries.getQueryData<readonly Trial[]>(['trials']) ?? NONE);
  const { queryKey } = shippedQuery(view?.origin);
  return trialsOf(own, queries.getQueryData<readonly Trial[]>(queryKey) ?? NONE, view?.sha256);
}

/** All trials this browser keeps, once they are known. */
export function allTrials(): Promise<readonly Trial[]> {
  return queries.ensureQueryData({
    queryKey: ['trials'],
    queryFn: () => clients().engine.trials(),
  });
}

/** Those of the open model, once they are known. */
export async function modelTrials(): Promise<readonly Trial[]> {
  const { view } = useModel.getState();
  await Promise.all([allTrials(), queries.ensureQueryData(shippedQuery(view?.origin))]);
  return knownTrials();
}

/** The trial whose result is shown: the chosen one, else the newest finished one, else the first that ships. */
export function useShownTrial(): Trial | undefined {
  const trials = useModelTrials();
  const chosen = useView((state) => state.trial);
  return pickShown(trials, chosen);
}

/** After a run or a deletion: the trials, and the space they take (part of the capabilities). */
export async function refreshTrials(): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ['trials'] }),
    queries.invalidateQueries({ queryKey: ['capabilities'] }),
    queries.invalidateQueries({ queryKey: ['storage'] }),
  ]);
}

/** After a run: its trial is known already, so that it is shown at once and nothing is asked twice. */
export function addTrial(trial: Trial): void {
  queries.setQueryData<readonly Trial[]>(['trials'], (known = NONE) => [
    ...known.filter(({ id }) => id !== trial.id),
    trial,
  ]);
  void queries.invalidateQueries({ queryKey: ['capabilities'] });
  void askToKeep();
}

/** A trial by its id, for actions outside React. */
export function knownTrial(id: string): Trial | undefined {
  const kept = queries.getQueryData<readonly Trial[]>(['trials']) ?? NONE;
  return [...kept, ...knownTrials()].find((trial) => trial.id === id);
}

/** The same choice as {@link useShownTrial}, for actions outside React. */
export function shownTrial(): Trial | undefined {
  return pickShown(knownTrials(), useView.getState().trial);
}

function pickShown(trials: readonly Trial[], chosen: string | undefined): Trial | undefined {
  const done = trials.filter((trial) => trial.state === 'done');
  return done.find((trial) => trial.id === chosen) ?? done[0];
}
