import { LatheError } from '../../core/errors/lathe-error.ts';
import { sourceData } from '../../core/onnx/tensor-data.ts';
import type { ByteSource, TensorData } from '../../core/onnx/types.ts';
import { blobSource } from '../sources/blob.ts';
import { segmentsOf, storageMissing, UNFINISHED } from './paths.ts';
import type { Storage } from './types.ts';

/** In every browser with OPFS since 2023; not yet in TypeScript's library. */
type Movable = FileSystemFileHandle & {
  move(name: string): Promise<void>;
  /** Into another folder; not in every browser that can rename. */
  move(folder: FileSystemDirectoryHandle, name: string): Promise<void>;
};

const PIECE = 16 * 1024 * 1024;

function isMissing(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function folderHandle(
  root: FileSystemDirectoryHandle,
  segments: readonly string[],
  create: boolean,
): Promise<FileSystemDirectoryHandle> {
  let folder = root;
  for (const segment of segments) folder = await folder.getDirectoryHandle(segment, { create });
  return folder;
}

function writeFully(handle: FileSystemSyncAccessHandle, bytes: Uint8Array, at: number): void {
  const written = handle.write(bytes, { at });
  if (written !== bytes.byteLength) throw new DOMException('short write', 'QuotaExceededError');
}

async function writeParts(
  handle: FileSystemSyncAccessHandle,
  parts: Iterable<Uint8Array | TensorData>,
): Promise<void> {
  let at = 0;
  for (const part of parts) {
    for (let offset = 0; offset < part.byteLength; offset += PIECE) {
      const length = Math.min(PIECE, part.byteLength - offset);
      const bytes =
        part instanceof Uint8Array
          ? part.subarray(offset, offset + length)
          : await part.read(offset, length);
      writeFully(handle, bytes, at);
      at += length;
    }
  }
  handle.flush();
}

async function* walk(folder: FileSystemDirectoryHandle, prefix: string): AsyncGenerator<string> {
  for await (const [name, handle] of folder.entries()) {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    if (handle.kind === 'directory') yield* walk(handle, path);
    else if (!name.endsWith(UNFINISHED)) yield path;
  }
}

/**
 * The origin-private file system. A file is first written under a name that is never listed and
 * then renamed, so that a reload or a full disk leaves either the whole file or none.
 */
export class OpfsStorage implements Storage {
  readonly #root: FileSystemDirectoryHandle;

  private constructor(root: FileSystemDirectoryHandle) {
    this.#root = root;
  }

  static async open(folder = 'lathe'): Promise<OpfsStorage> {
    const root = await navigator.storage.getDirectory();
    return new OpfsStorage(await root.getDirectoryHandle(folder, { create: true }));
  }

  async open(path: string): Promise<ByteSource | undefined> {
    const handle = await this.#file(path);
    return handle === undefined ? undefined : blobSource(await handle.getFile());
  }

  async #file(path: string): Promise<FileSystemFileHandle | undefined> {
    const segments = segmentsOf(path);
    const folder = await orUndefined(folderHandle(this.#root, segments.slice(0, -1), false));
    return orUndefined(folder?.getFileHandle(segments.at(-1) ?? '') ?? Promise.resolve(undefined));
  }

  async write(path: string, parts: Iterable<Uint8Array | TensorData>): Promise<void> {
    const segments = segmentsOf(path);
    const name = segments.at(-1) ?? '';
    const folder = await folderHandle(this.#root, segments.slice(0, -1), true);
    try {
      await this.#writeThenRename(folder, name, parts);
    } catch (error) {
      await orUndefined(folder.removeEntry(name + UNFINISHED));
      throw storageError(error, path);
    }
  }

  async #writeThenRename(
    folder: FileSystemDirectoryHandle,
    name: string,
    parts: Iterable<Uint8Array | TensorData>,
  ): Promise<void> {
    const file = await folder.getFileHandle(name + UNFINISHED, { create: true });
    const access = await file.createSyncAccessHandle();
    try {
      access.truncate(0);
      await writeParts(access, parts);
    } finally {
      access.close();
    }
    await (file as Movable).move(name);
  }

  async move(from: string, to: string): Promise<void> {
    const handle = await this.#file(from);
    if (handle === undefined) throw storageMissing(from);
    const segments = segmentsOf(to);
    if (segments.join('/') === segmentsOf(from).join('/')) return;
    const folder = await folderHandle(this.#root, segments.slice(0, -1), true);
    try {
      await (handle as Movable).move(folder, segments.at(-1) ?? '');
    } catch {
      // Nothing moved: where a file cannot change its folder, a whole copy of it can.
      const source = blobSource(await handle.getFile());
      await this.write(to, [sourceData(source, 0, source.byteLength)]);
      await this.remove(from);
    }
  }

  async list(folder: string): Promise<readonly string[]> {
    const handle = await orUndefined(folderHandle(this.#root, segmentsOf(folder), false));
    if (handle === undefined) return [];
    const paths: string[] = [];
    for await (const path of walk(handle, segmentsOf(folder).join('/'))) paths.push(path);
    return paths.sort();
  }

  async folders(folder: string): Promise<readonly string[]> {
    const handle = await orUndefined(folderHandle(this.#root, segmentsOf(folder), false));
    if (handle === undefined) return [];
    const names: string[] = [];
    for await (const [name, { kind }] of handle.entries())
      if (kind === 'directory') names.push(name);
    return names.sort();
  }

  async remove(path: string): Promise<void> {
    const segments = segmentsOf(path);
    const folder = await orUndefined(folderHandle(this.#root, segments.slice(0, -1), false));
    await orUndefined(
      folder?.removeEntry(segments.at(-1) ?? '', { recursive: true }) ?? Promise.resolve(),
    );
  }

  async usage(): Promise<{ usedBytes: number; quotaBytes: number }> {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return { usedBytes: usage, quotaBytes: quota };
  }
}

function storageError(error: unknown, path: string): unknown {
  if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') return error;
  return new LatheError(
    'storage-full',
    `The browser's storage is full, so "${path}" was not kept; delete trials on the Runs screen, or allow this site more space, and run again.`,
  );
}
