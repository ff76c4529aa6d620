import { create } from 'zustand';
import type { Trial } from '../../../../workers/protocol.ts';
import { toStudioError } from '../../../../workers/errors.ts';
import { clients } from '../../client/clients.ts';
import { notify, UNDO_WINDOW_MS } from '../../state/notice-store.ts';
import { refreshTrials } from '../../state/trials.ts';
import { en } from '../../strings/en.ts';

/** Trials that look deleted already but can still come back. */
export const useHidden = create<{ ids: readonly string[] }>()(() => ({ ids: [] }));

function unhide(id: string): void {
  useHidden.setState(({ ids }) => ({ ids: ids.filter((other) => other !== id) }));
}

/** Hides the trial at once; its file goes when the time to undo is over. */
export function deleteTrial({ id, name }: Trial): void {
  useHidden.setState(({ ids }) => ({ ids: [...ids, id] }));
  const timer = setTimeout(() => void reallyDelete(id), UNDO_WINDOW_MS);
  notify(en.runs.deleted(name), {
    action: {
      label: en.runs.undo,
      perform: () => {
        clearTimeout(timer);
        unhide(id);
      },
    },
  });
}

async function reallyDelete(id: string): Promise<void> {
  try {
    await clients().engine.deleteTrials([id]);
    await refreshTrials();
  } catch (thrown) {
    notify(toStudioError(thrown).message, { tone: 'error' });
  } finally {
    unhide(id);
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
