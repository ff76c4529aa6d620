import { MemoryStorage } from '../src/engine/storage/memory.ts';
import { OpfsStorage } from '../src/engine/storage/opfs.ts';
import type { Storage } from '../src/engine/storage/types.ts';

let opened: Promise<Storage> | undefined;

/** The browser's own file system; where it is denied (private windows), memory for as long as the tab lives. */
export function workerStorage(): Promise<Storage> {
  opened ??= OpfsStorage.open().catch(() => new MemoryStorage());
  return opened;
}
