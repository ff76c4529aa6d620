/** The origin-private file system can be written in a worker only; this is that worker. */
import { expose } from 'comlink';
import { plannedData } from '../../src/core/onnx/tensor-data.ts';
import { OpfsStorage } from '../../src/engine/storage/opfs.ts';
import type { StorageThread } from './storage-protocol.ts';

let writes = 0;

async function counting(): Promise<OpfsStorage> {
  const storage = await OpfsStorage.open('test-storage');
  const write = storage.write.bind(storage);
  storage.write = (...args) => {
    writes += 1;
    return write(...args);
  };
  return storage;
}

const opened = counting();

const native = Object.getOwnPropertyDescriptor(FileSystemFileHandle.prototype, 'move');

interface Renamable {
  move(name: string): Promise<void>;
}

/** As in a browser where a file can be renamed but not change its folder. */
function renameOnly(this: Renamable, ...args: readonly unknown[]): Promise<void> {
  const [name] = args;
  if (args.length > 1 || typeof name !== 'string') {
    return Promise.reject(new DOMException('no', 'NotSupportedError'));
  }
  const value = native?.value as (this: Renamable, name: string) => Promise<void>;
  return value.call(this, name);
}

const thread: StorageThread = {
  async write(path, values) {
    await (await opened).write(path, [Uint8Array.from(values)]);
  },
  async fail(path) {
    await (await opened).write(path, [Uint8Array.of(7), plannedData(4)]);
  },
  async move(from, to) {
    await (await opened).move(from, to);
  },
  async read(path) {
    const file = await (await opened).open(path);
    return file && [...(await file.read(0, file.byteLength))];
  },
  list: async (folder) => (await opened).list(folder),
  folders: async (folder) => (await opened).folders(folder),
  async clear() {
    for (const path of await (await opened).list('')) await (await opened).remove(path);
  },
  writes: () => Promise.resolve(writes),
  async mayMove(allowed) {
    const descriptor = allowed ? native : { ...native, value: renameOnly };
    if (descriptor) Object.defineProperty(FileSystemFileHandle.prototype, 'move', descriptor);
  },
};

expose(thread);
