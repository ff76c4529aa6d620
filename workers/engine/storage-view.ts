import type { Storage } from '../../src/engine/storage/types.ts';
import { MemoryStorage } from '../../src/engine/storage/memory.ts';
import type { TrialStore } from '../../src/engine/trials/store.ts';
import type { StorageView, StoredKind } from '../protocol.ts';
import { clearOffline, offlineBytes } from './offline-bytes.ts';

/** What the engine's folders are good for. */
const KINDS: Readonly<Record<string, StoredKind>> = {
  stages: 'stages',
  checkpoints: 'training',
  work: 'work',
  drafts: 'work',
};

const TRIALS = 'trials';
/** Marks of runs that go on, and how long stages took: small, and read at the next run. */
const SMALL = ['runs', 'times'];

/** Counts what is kept, by what it is good for; the largest first. */
export async function storageView(
  store: TrialStore,
  offline: typeof offlineBytes = offlineBytes,
): Promise<StorageView> {
  const { storage } = store;
  const bytes = new Map<StoredKind, number>(await offline());
  for (const folder of await kindFolders(storage)) {
    const kind = KINDS[folder] ?? 'other';
    bytes.set(kind, (bytes.get(kind) ?? 0) + (await bytesIn(storage, folder)));
  }
  const others = [...bytes].map(([kind, count]) => ({ kind, bytes: count }));
  return {
    trials: await trialBytes(storage),
    lost: await store.lost(),
    others: others.filter((item) => item.bytes > 0).sort((a, b) => b.bytes - a.bytes),
    forgets: storage instanceof MemoryStorage,
  };
}

async function kindFolders(storage: Storage): Promise<readonly string[]> {
  const folders = await storage.folders('');
  return folders.filter((folder) => folder !== TRIALS && !SMALL.includes(folder));
}

async function trialBytes(storage: Storage): Promise<Record<string, number>> {
  const ids = await storage.folders(TRIALS);
  const sizes = ids.map(async (id) => [id, await bytesIn(storage, `${TRIALS}/${id}`)] as const);
  return Object.fromEntries(await Promise.all(sizes));
}

async function bytesIn(storage: Storage, folder: string): Promise<number> {
  const paths = await storage.list(folder);
  const files = await Promise.all(paths.map((path) => storage.open(path)));
  return files.reduce((sum, file) => sum + (file?.byteLength ?? 0), 0);
}

/** Frees what is kept of a kind. Trials are deleted one by one, never here. */
export async function clearStorage(
  { storage }: TrialStore,
  kind: StoredKind,
  offline: typeof clearOffline = clearOffline,
): Promise<void> {
  if (kind === 'samples' || kind === 'app') return offline(kind);
  for (const folder of await kindFolders(storage)) {
    if ((KINDS[folder] ?? 'other') === kind) await storage.remove(folder);
  }
}
