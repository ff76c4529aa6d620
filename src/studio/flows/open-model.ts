import type { ModelFolder, ModelView, StudioError } from '../../../workers/protocol.ts';
import { toStudioError } from '../../../workers/errors.ts';
import { clients } from '../client/clients.ts';
import { downloadAll, type Wanted } from '../files/download.ts';
import {
  filesOfRepository,
  hubOrigin,
  parseHubReference,
  type HubReference,
} from '../files/hub.ts';
import { capData } from '../files/cap-data.ts';
import { folderOf, isData } from '../files/folder.ts';
import { filesOfSample } from '../files/samples.ts';
import { askParts } from '../state/hub-question.ts';
import { useModel } from '../state/model-store.ts';
import { announce, notify } from '../state/notice-store.ts';
import { rememberOrigin } from '../state/recent.ts';
import { loadRecipe } from '../state/recipe-store.ts';
import { prefetchShipped } from '../state/shipped.ts';
import { queries } from '../state/trials.ts';
import { useView } from '../state/view-store.ts';
import { en } from '../strings/en.ts';
import { firstGlance } from './first-glance.ts';
import { readOpenData } from './read-data.ts';

let current: AbortController | undefined;

/** Stops a download or an opening; what was open before stays. */
export function cancelOpening(): void {
  current?.abort();
  current = undefined;
  useModel.setState({ opening: undefined });
}

/** Opens files the page already holds. Resolves to whether it worked; the reason is in the store. */
export function openFolder(folder: ModelFolder): Promise<boolean> {
  return opening(folder.name, () => Promise.resolve(folder));
}

/** Opens another part of the folder that is open. */
export async function openPart(path: string): Promise<boolean> {
  const { folder, view } = useModel.getState();
  if (folder === undefined || view === undefined || view.part.path === path) return false;
  const opened = await openFolder({ ...folder, model: path });
  // What was open before joins in: choosing which part to look at is no choice of what to run.
  const { alsoParts } = useView.getState();
  if (opened && alsoParts.includes(path)) {
    const others = alsoParts.filter((other) => other !== path);
    useView.setState({ alsoParts: [...others, view.part.path] });
  }
  return opened;
}

/** Opens anything that has a name: `sample:x`, `hf:org/repo`, `org/repo`, or an https address. */
export function openReference(reference: string): Promise<boolean> {
  return opening(shortName(reference), (signal, progress) =>
    fetchReference(reference, signal, progress),
  );
}

type Progress = (fraction: number | undefined) => void;

async function opening(
  name: string,
  getFolder: (signal: AbortSignal, progress: Progress) => Promise<ModelFolder>,
): Promise<boolean> {
  cancelOpening();
  const control = (current = new AbortController());
  const show = (stage: string, fraction?: number): void => {
    if (current === control) useModel.setState({ opening: { name, stage, fraction } });
  };
  useModel.setState({ error: undefined });
  show(en.open.preparing);
  try {
    const found = await getFolder(control.signal, (fraction) =>
      show(en.open.downloading, fraction),
    );
    const folder = await withCappedData(found);
    control.signal.throwIfAborted();
    show(en.open.reading);
    await firstGlance(folder, () => current === control);
    control.signal.throwIfAborted();
    const view = await clients().engine.open(folder);
    if (current === control) accept(folder, view);
    return current === control;
  } catch (thrown) {
    if (current === control) failed(toStudioError(thrown));
    return false;
  }
}

/** Long texts are taken up to a limit; the rest of a folder is as it was. */
async function withCappedData(folder: ModelFolder): Promise<ModelFolder> {
  const files = await Promise.all(
    folder.files.map(async (file) => (isData(file.path) ? await capData(file) : file)),
  );
  return files.every((file, at) => file === folder.files[at]) ? folder : { ...folder, files };
}

/** Start shows the sentence; with a model open the user is elsewhere, and it comes to them. */
function failed(error: StudioError): void {
  const open = useModel.getState().view !== undefined;
  useModel.setState({ opening: undefined, error });
  if (open) notify(error.message, { tone: 'error' });
}

function accept(folder: ModelFolder, view: ModelView): void {
  const before = useModel.getState();
  const another = before.view?.sha256 !== view.sha256;
  // Another part of the same folder keeps what else was chosen to run.
  if (before.folder?.name !== folder.name) useView.setState({ alsoParts: [] });
  useModel.setState({ folder, view, opening: undefined, error: undefined }, true);
  void clients().preview.open(folder);
  void readOpenData(folder);
  if (another) useView.setState({ layer: firstLayer(view), alongside: [], trial: undefined });
  // Data that was added opens the model again; the recipe on the bench stays.
  if (another && view.recipe !== undefined) {
    loadRecipe(view.recipe);
    notify(en.open.carriesRecipe(view.name));
  }
  remember(view.origin);
  rememberOrigin(view.sha256, view.origin);
  announce(en.open.opened(view.name));
}

/** The first that every kind of recipe works on: many leave embeddings alone. */
function firstLayer({ anatomy: { layers } }: ModelView): string | undefined {
  return (layers.find(({ role }) => !role.endsWith('embedding')) ?? layers.at(0))?.name;
}

async function fetchReference(
  reference: string,
  signal: AbortSignal,
  progress: Progress,
): Promise<ModelFolder> {
  if (reference.startsWith('sample:')) {
    prefetchShipped(queries, reference);
    const wanted = await filesOfSample(reference.slice('sample:'.length), signal);
    const files = await downloadAll(wanted, signal, progress);
    return { name: reference.slice('sample:'.length), origin: reference, files };
  }
  const hub = parseHubReference(reference);
  if (hub !== undefined) {
    return fetchRepository(hub, signal, progress);
  }
  const files = await downloadAll(await filesOfAddress(reference), signal, progress);
  return folderOf(files, reference);
}

async function fetchRepository(
  hub: HubReference,
  signal: AbortSignal,
  progress: Progress,
): Promise<ModelFolder> {
  const found = await filesOfRepository(hub, askParts(signal));
  if (found === undefined) {
    if (!signal.aborted) cancelOpening();
    throw new DOMException('Nothing was chosen.', 'AbortError');
  }
  const files = await downloadAll(found.wanted, signal, progress);
  const one = found.paths.length === 1 ? { path: found.model } : {};
  const [, name] = hub.repo.split('/');
  return { name, origin: hubOrigin({ ...hub, ...one }), files, model: found.model };
}

async function filesOfAddress(text: string): Promise<Wanted[]> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') {
    const { unreadable } = await import('../files/hub-names.ts');
    throw unreadable(text);
  }
  return [
    { path: decodeURIComponent(url.pathname.split('/').at(-1) || 'model.onnx'), url: url.href },
  ];
}

function shortName(reference: string): string {
  return reference
    .replace(/^(sample|hf):/, '')
    .split('?')[0]
    .split('/')
    .slice(-2)
    .join('/');
}

const REMEMBERED = 'lathe-model';

function remember(origin: string): void {
  try {
    sessionStorage.setItem(REMEMBERED, origin);
  } catch {
    // Without storage a reload starts from the gallery.
  }
}

/** What was open before a reload, if it can be fetched again without asking anybody. */
export function rememberedSample(): string | undefined {
  try {
    const origin = sessionStorage.getItem(REMEMBERED);
    return origin?.startsWith('sample:') ? origin : undefined;
  } catch {
    return undefined;
  }
}
