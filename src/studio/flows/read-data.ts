import { toStudioError } from '../../../workers/errors.ts';
import type { DataPurpose, DataSummary, ModelFolder } from '../../../workers/protocol.ts';
import { clients } from '../client/clients.ts';
import { showReading } from '../state/data-reading.ts';
import { useModel } from '../state/model-store.ts';
import { data as words } from '../strings/en-data.ts';

export const DATA_PURPOSES: readonly DataPurpose[] = ['calibration', 'evaluation'];

/** What was read lately, by model and files: adding data looks at it before and after it joins the model. */
const known = new Map<string, DataSummary | undefined>();
const KEPT = 8;

/**
 * What a folder's data for a purpose comes to, read on a thread of its own with its progress on screen.
 * Rejects with what is wrong with the file, and as `cancelled`.
 */
export async function readSummary(
  folder: ModelFolder,
  sha256: string,
  purpose: DataPurpose,
): Promise<DataSummary | undefined> {
  const files = folder.files.filter(({ path }) => isFor(path, purpose));
  const key = [sha256, purpose, ...files.map(({ path, blob }) => `${path} ${blob.size}`)].join(
    '\n',
  );
  if (known.has(key)) return known.get(key);
  const name = files.length === 1 ? (files[0].path.split('/').at(-1) ?? purpose) : purpose;
  showReading(purpose, { name, fraction: 0 });
  let over = false;
  try {
    // Progress travels on a channel of its own and may arrive after the answer.
    const report = (fraction: number): void => {
      if (!over) showReading(purpose, { name, fraction });
    };
    const found = await clients().data.summary(folder, sha256, purpose, report);
    const summary = found && withBeginning(found, files);
    remember(key, summary);
    return summary;
  } finally {
    over = true;
    showReading(purpose, undefined);
  }
}

/** As the engine finds it: a file of this name, or all in a folder of it. */
function isFor(path: string, purpose: DataPurpose): boolean {
  return new RegExp(`(^|/)${purpose}[./]`, 'i').test(path);
}

function remember(key: string, summary: DataSummary | undefined): void {
  known.set(key, summary);
  for (const old of known.keys()) if (known.size > KEPT) known.delete(old);
}

/** A file of which only the beginning was taken says so. */
function withBeginning(found: DataSummary, files: ModelFolder['files']): DataSummary {
  const of = files.find((file) => file.of !== undefined)?.of;
  if (of === undefined) return found;
  return { ...found, summary: `${found.summary}, ${words.beginning(found.bytes, of)}` };
}

/** Fills in what the open model's data comes to; what cannot be read says why in its place. */
export async function readOpenData(folder: ModelFolder): Promise<void> {
  const { view } = useModel.getState();
  if (view === undefined) return;
  const waiting = DATA_PURPOSES.filter((purpose) => view.data[purpose]?.reading === true);
  await Promise.all(
    waiting.map(async (purpose) => {
      const summary = await readSummary(folder, view.sha256, purpose).catch(problemOf);
      setSummary(folder, purpose, summary);
    }),
  );
}

function problemOf(thrown: unknown): Pick<DataSummary, 'problem' | 'summary'> {
  const { code, message } = toStudioError(thrown);
  return code === 'cancelled' ? { summary: words.cancelled } : { summary: '', problem: message };
}

/** Nothing when another model was opened meanwhile. */
function setSummary(
  folder: ModelFolder,
  purpose: DataPurpose,
  found: Partial<DataSummary> | undefined,
): void {
  useModel.setState((state) => {
    const before = state.view?.data[purpose];
    if (state.folder !== folder || state.view === undefined || before === undefined) return state;
    const read = { name: before.name, bytes: before.bytes, summary: '', ...found };
    return { ...state, view: { ...state.view, data: { ...state.view.data, [purpose]: read } } };
  });
}

/** Ends every reading. */
export function cancelReading(): void {
  clients().data.cancel();
}
