import { toStudioError } from '../../../workers/errors.ts';
import { clients } from '../client/clients.ts';
import { notify } from '../state/notice-store.ts';
import { refreshTrials } from '../state/trials.ts';

/** Another name for a trial that this browser keeps; its file stays as it is. */
export async function renameTrial(id: string, name: string): Promise<void> {
  try {
    await clients().engine.updateTrial(id, { name });
  } catch (thrown) {
    notify(toStudioError(thrown).message, { tone: 'error' });
  }
  await refreshTrials();
}
