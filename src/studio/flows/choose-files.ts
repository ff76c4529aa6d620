import { directoryOpen, fileOpen } from 'browser-fs-access';
import { go } from '../actions/navigation.ts';
import { sortDrop, type PickedFile } from '../files/folder.ts';
import type { ModelFolder } from '../../../workers/protocol.ts';
import { useModel } from '../state/model-store.ts';
import { clearNotices, notify } from '../state/notice-store.ts';
import { en } from '../strings/en.ts';
import { beginGlance, expectModel } from './first-glance.ts';
import { data as words } from '../strings/en-data.ts';
import { acceptRecipe } from './share-link.ts';
import { takeData } from './take-data.ts';
import { keepForModel } from './waiting-data.ts';

/** What to do with files, wherever they came from. */
export async function takeFiles(files: readonly PickedFile[]): Promise<void> {
  const { folder } = useModel.getState();
  // What was said of an earlier drop is over.
  clearNotices();
  useModel.setState({ error: undefined });
  const drop = sortDrop(files, folder !== undefined);
  if (drop.kind === 'nothing') return void notify(en.open.nothing);
  if (drop.kind === 'data-first') return keepForModel(drop.files, () => void chooseFolder());
  if (drop.kind === 'recipe') return takeRecipe(drop.file);
  if (drop.kind === 'model') return takeModelFolder(drop.folder);
  const inside = await modelIn(drop.files);
  await (inside === undefined ? takeData(drop.files) : takeModelFolder(inside));
}

/** A zip beside an open model is data, unless it holds a model. */
async function modelIn(files: readonly PickedFile[]): Promise<ModelFolder | undefined> {
  if (!files.some(({ path }) => /\.zip$/i.test(path))) return undefined;
  const { unpacked } = await import('./round-trip.ts');
  return unpacked(files);
}

async function takeModelFolder(folder: ModelFolder): Promise<void> {
  // The map needs shapes alone: it does not wait for the question where the file came from.
  void beginGlance(folder);
  const { takeModel } = await import('./round-trip.ts');
  if (await takeModel(folder)) go('/studio');
}

async function takeRecipe({ path, blob }: PickedFile): Promise<void> {
  let outside: unknown;
  try {
    outside = JSON.parse(await blob.text());
  } catch {
    return void notify(en.errors.notJson(path), { tone: 'error' });
  }
  if (!looksLikeRecipe(outside)) return void notify(words.noRecipe(path), { tone: 'error' });
  if (await acceptRecipe(outside)) notify(en.share.recipeLoaded);
}

/** Any other JSON is told what it is not; what is wrong in a recipe is for its reader to say. */
function looksLikeRecipe(outside: unknown): boolean {
  return typeof outside === 'object' && outside !== null && 'steps' in outside;
}

export async function chooseFile(): Promise<void> {
  expectModel();
  await picking(async () => {
    const files = await fileOpen({ multiple: true, description: en.actions.openFile });
    return files.map((file) => ({ path: file.name, blob: file }));
  });
}

export async function chooseFolder(): Promise<void> {
  expectModel();
  await picking(async () => {
    const found = await directoryOpen({ recursive: true });
    return found.flatMap((file) =>
      file instanceof File ? [{ path: file.webkitRelativePath || file.name, blob: file }] : [],
    );
  });
}

async function picking(pick: () => Promise<readonly PickedFile[]>): Promise<void> {
  try {
    await takeFiles(await pick());
  } catch (thrown) {
    // Closing the dialog is not an error.
    if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) throw thrown;
  }
}
