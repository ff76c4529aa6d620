import type { ModelFolder, Provenance, Trial } from '../../../workers/protocol.ts';
import { toStudioError } from '../../../workers/errors.ts';
import { clients } from '../client/clients.ts';
import { useModel } from '../state/model-store.ts';
import { notify } from '../state/notice-store.ts';
import { loadRecipe } from '../state/recipe-store.ts';
import type { PickedFile } from '../files/folder.ts';
import { sampleWithModel } from '../files/samples.ts';
import { knownOrigins } from '../state/recent.ts';
import { useReturned } from '../state/returned.ts';
import { addTrial, allTrials, modelTrials } from '../state/trials.ts';
import { useView } from '../state/view-store.ts';
import { start } from '../strings/en-start.ts';
import { openFolder, openReference } from './open-model.ts';

/**
 * Opens dropped files. One that Lathe made comes back as a trial of the model it was made from, where that is open or
 * ships with the page; else it is opened itself, and its original asked for. Resolves to whether there is a model to
 * look at.
 */
export async function takeModel(dropped: ModelFolder): Promise<boolean> {
  const folder = (await unpacked(dropped.files)) ?? dropped;
  const made = await clients()
    .engine.provenance(folder)
    // What is wrong with the file is for the opening to say.
    .catch(() => undefined);
  if (made === undefined) return openFolder(folder);
  return (await openOriginal(made)) ? bringBack(folder, made) : openAlone(folder, made);
}

/** The folder in a lone zip that holds a model; nothing of all else. */
export async function unpacked(dropped: readonly PickedFile[]): Promise<ModelFolder | undefined> {
  const [zip, ...others] = dropped;
  if (zip === undefined || others.length > 0 || !/\.zip$/i.test(zip.path)) return undefined;
  const files = await clients()
    .engine.unpack(zip.blob, zip.path)
    .catch(() => undefined);
  const name = zip.path.slice(zip.path.lastIndexOf('/') + 1).replace(/\.zip$/i, '');
  return files && { name, origin: 'file', files };
}

/** With what is remembered of its original. */
async function openAlone(folder: ModelFolder, made: Provenance): Promise<boolean> {
  if (!(await openFolder(folder))) return false;
  const { inputSha256 } = made.report;
  const name = (await allTrials()).find(({ model }) => model.sha256 === inputSha256)?.model.name;
  const origin = knownOrigins()[inputSha256];
  useReturned.setState({ file: { folder, made, name, origin } });
  waitForOriginal();
  return true;
}

/** Whether the model it was made from is open now: it was, or it ships with the page. */
async function openOriginal({ report: { inputSha256 } }: Provenance): Promise<boolean> {
  if (useModel.getState().view?.sha256 === inputSha256) return true;
  const sample = await sampleWithModel(inputSha256);
  return sample !== undefined && openReference(`sample:${sample}`);
}

/** Puts the file among the trials of the open model, and shows it; its recipe is offered, not loaded. */
async function bringBack(folder: ModelFolder, made: Provenance): Promise<boolean> {
  const { view } = useModel.getState();
  if (view === undefined) return false;
  try {
    const trial = await kept(folder, made, view.name);
    useView.setState({ trial: trial.id });
    notify(start.cameBack(trial.name, view.name), {
      action: { label: start.loadRecipe, perform: () => loadRecipe(trial.recipe) },
    });
  } catch (thrown) {
    notify(toStudioError(thrown).message, { tone: 'error' });
  }
  return true;
}

async function kept(folder: ModelFolder, made: Provenance, original: string): Promise<Trial> {
  const known = (await modelTrials()).find(({ report }) => report?.outputSha256 === made.sha256);
  if (known !== undefined && known.shipped !== true) return known;
  const trial = await clients().engine.adopt(
    folder,
    original,
    known && { id: known.id, report: known.report },
  );
  addTrial(trial);
  return trial;
}

let stopWaiting: (() => void) | undefined;

/** The original may come next: then the file joins its trials. */
function waitForOriginal(): void {
  stopWaiting?.();
  stopWaiting = useModel.subscribe(({ view }) => {
    const { file } = useReturned.getState();
    if (file === undefined) return stopWaiting?.();
    if (view?.sha256 !== file.made.report.inputSha256) return;
    useReturned.setState({ file: undefined });
    stopWaiting?.();
    void bringBack(file.folder, file.made);
  });
}
