import { LatheError } from '../../core/errors/lathe-error.ts';
import { exportedFolder, exportedParts, type ExportedPart } from '../export/folder.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { withPart } from '../model/part-words.ts';
import type { FolderFile } from '../model/types.ts';
import type { TrialStore } from '../trials/store.ts';

/** A stored trial as an exported folder, with the other parts of the run it was made in. */
export async function exportedTrial(
  open: OpenModel,
  store: TrialStore,
  id: string,
): Promise<FolderFile[]> {
  const trial = await store.get(id);
  const made: ExportedPart[] = [];
  for (const { path, trial: of } of trial.parts ?? []) {
    if (of === undefined) continue;
    const part = path === open.part.path ? open : await openModel(withPart(open.folder, { path }));
    const stored = await store.get(of);
    if (part.sha256 !== stored.model.sha256) throw anotherFolder(path);
    made.push({ open: part, trial: stored, written: await store.written(of) });
  }
  if (made.length > 0) return exportedParts(made);
  return exportedFolder(open, trial, await store.written(id));
}

function anotherFolder(path: string): LatheError {
  return new LatheError(
    'parts-another-folder',
    `The part "${path}" of the open folder is not the one this result was made from; open the folder it was made from, or run the recipe again.`,
  );
}
