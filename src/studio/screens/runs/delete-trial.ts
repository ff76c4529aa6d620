import { create } from 'zustand';
import type { Trial } from '../../../../workers/protocol.ts';
import { toStudioError } from '../../../../workers/errors.ts';
import { clients } from '../../client/clients.ts';
import { notify, UNDO_WINDOW_MS } from '../../state/notice-store.ts';
import { refreshTrials } from '../../state/trials.ts';
import { useView } from '../../state/view-store.ts';
import { runs } from '../../strings/en-runs.ts';
import { en } from '../../strings/en.ts';

/** Trials that look deleted already but can still come back. */
export const useHidden = create<{ ids: readonly string[] }>()(() => ({ ids: [] }));

function unhide(gone: readonly string[]): void {
  useHidden.setState(({ ids }) => ({ ids: ids.filter((id) => !gone.includes(id)) }));
}

/** Hides trials at once; their files go when the time to undo is over. */
export function deleteTrials(trials: readonly Pick<Trial, 'id' | 'name'>[]): void {
  if (trials.length === 0) return;
  const ids = trials.map(({ id }) => id);
  useHidden.setState((hidden) => ({ ids: [...hidden.ids, ...ids] }));
  useView.setState(({ compared }) => ({ compared: compared.filter((id) => !ids.includes(id)) }));
  const timer = setTimeout(() => void reallyDelete(ids), UNDO_WINDOW_MS);
  const [only] = trials;
  const said = trials.length === 1 ? en.runs.deleted(only.name) : runs.deletedMany(trials.length);
  const perform = (): void => {
    clearTimeout(timer);
    unhide(ids);
  };
  notify(said, { action: { label: en.runs.undo, perform } });
}

async function reallyDelete(ids: readonly string[]): Promise<void> {
  try {
    await clients().engine.deleteTrials(ids);
    await refreshTrials();
  } catch (thrown) {
    notify(toStudioError(thrown).message, { tone: 'error' });
  } finally {
    unhide(ids);
  }
}

type Change = Parameters<ReturnType<typeof clients>['engine']['updateTrial']>[1];

export async function updateTrial(id: string, change: Change): Promise<void> {
  try {
    await clients().engine.updateTrial(id, change);
  } catch (thrown) {
    notify(toStudioError(thrown).message, { tone: 'error' });
  }
  await refreshTrials();
}

/** Removes what is left of trials that cannot be read. */
export function deleteLost(folders: readonly string[]): Promise<void> {
  return reallyDelete(folders);
}
