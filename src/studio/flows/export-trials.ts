import type { Trial } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { archiveOf } from '../runs/archive.ts';
import { exportBlob } from './export-trial.ts';

const NAME = 'lathe-trials.zip';

/** All trials with their files in one zip, packed while it streams. */
export async function exportTrials(
  trials: readonly Trial[],
  onTrial: (done: number) => void,
): Promise<void> {
  const { downloadZip } = await import('client-zip');
  const kept = trials.filter(({ shipped }) => shipped !== true);
  const files = archiveOf(kept, (id) => clients().engine.files(id), onTrial);
  await exportBlob(await downloadZip(files).blob(), NAME);
}
