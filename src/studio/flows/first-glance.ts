import type { Glance, ModelFolder } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { useModel } from '../state/model-store.ts';

/** The screen that a glance is shown on: not in the first download, so it is fetched when a file is on its way. */
export const loadGlanceScreen = () => import('../screens/glance/glance-screen.tsx');

/** A file is about to be chosen or dropped: what will look at it starts already. */
export function expectModel(): void {
  clients().preview.warm();
  void loadGlanceScreen().catch(() => undefined);
}

const begun = new WeakMap<ModelFolder, Promise<Glance>>();

/** Has a glance on its way while something else is found out about the folder first. */
export function beginGlance(folder: ModelFolder): Promise<Glance> {
  const glance = begun.get(folder) ?? clients().preview.glance(folder);
  begun.set(folder, glance);
  // What is wrong with the file its opening says.
  glance.catch(() => undefined);
  return glance;
}

/** Hashing what is larger keeps a core busy for seconds: the glance, a tenth of one, goes first. */
const LARGE = 64e6;
/** But a machine that is busy otherwise need not wait for it. */
const PATIENCE_MS = 500;

/** Has a glance at a model that is about to be opened; resolves when its opening may begin. */
export async function firstGlance(folder: ModelFolder, isCurrent: () => boolean): Promise<void> {
  const glance = glanceAt(folder, isCurrent);
  const bytes = folder.files.reduce((sum, { blob }) => sum + blob.size, 0);
  if (bytes < LARGE) return;
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([glance, patience]);
}

/**
 * Shows where the bytes of a model are while it is being opened. A sample needs no glance: it is small, and has
 * results to show at once. Nor does a model that is open already and only gets data.
 */
async function glanceAt(folder: ModelFolder, isCurrent: () => boolean): Promise<void> {
  if (folder.origin.startsWith('sample:') || isOpen(folder)) return;
  try {
    const glance = await beginGlance(folder);
    if (!isCurrent()) return;
    useModel.setState(({ opening }) =>
      opening === undefined ? {} : { opening: { ...opening, glance } },
    );
  } catch {
    // What is wrong with the file its opening says.
  }
}

function isOpen(folder: ModelFolder): boolean {
  const open = useModel.getState().folder;
  const models = (of: ModelFolder): readonly Blob[] =>
    of.files.filter(({ path }) => path.endsWith('.onnx')).map(({ blob }) => blob);
  if (open === undefined || open.model !== folder.model) return false;
  const known = models(open);
  return models(folder).every((blob) => known.includes(blob));
}
