import type { Recipe } from '../../core/recipe/types.ts';
import type { Trial } from '../../../workers/protocol.ts';
import { toStudioError } from '../../../workers/errors.ts';
import { clients } from '../client/clients.ts';
import { useModel } from '../state/model-store.ts';
import { notify } from '../state/notice-store.ts';
import { en } from '../strings/en.ts';
import { hasFile } from './compute-shipped.ts';

export async function exportFile(trial: Trial): Promise<void> {
  if (!hasFile(trial)) return;
  await saving(async () => {
    const blob = await clients().engine.file(trial.id);
    return save(blob, await fileName(trial));
  });
}

/** A folder transformers.js loads as it is, zipped while streaming. */
export async function exportZip(trial: Trial): Promise<void> {
  if (!hasFile(trial)) return;
  await saving(async () => {
    const files = await clients().engine.bundle(trial.id);
    const { downloadZip } = await import('client-zip');
    const lastModified = new Date(trial.createdAt);
    const zip = downloadZip(
      files.map(({ path, blob }) => ({ name: path, input: blob, lastModified })),
    );
    const { folderName } = await import('./copy-as-texts.ts');
    return save(await zip.blob(), `${folderName(trial.model.name, trial.recipe)}.zip`);
  });
}

async function fileName({ recipe, parts }: Trial): Promise<string> {
  const { exportFileName, exportPath } = await import('../recipe/read-recipe.ts');
  const { view } = useModel.getState();
  if (view === undefined) return exportFileName(recipe);
  return exportPath(view, recipe, parts !== undefined).replace(/^.*\//, '');
}

export function exportRecipe(recipe: Recipe): Promise<void> {
  const json = JSON.stringify(recipe, null, 2) + '\n';
  return saving(() =>
    save(new Blob([json], { type: 'application/json' }), `${recipe.name ?? 'recipe'}.json`),
  );
}

export function exportText(text: string, fileName: string, type: string): Promise<void> {
  return saving(() => save(new Blob([text], { type }), fileName));
}

export function exportBlob(blob: Blob, fileName: string): Promise<void> {
  return saving(() => save(blob, fileName));
}

/** A plain download: it works in every browser and needs no permission. */
function save(blob: Blob, fileName: string): string {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return fileName;
}

async function saving(perform: () => string | Promise<string>): Promise<void> {
  try {
    notify(en.result.saved(await perform()));
  } catch (thrown) {
    notify(toStudioError(thrown).message, { tone: 'error' });
  }
}
