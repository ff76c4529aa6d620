import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ByteSource, TensorData } from '../../core/onnx/types.ts';
import { segmentsOf, storageMissing, UNFINISHED } from '../../engine/storage/paths.ts';
import type { Storage } from '../../engine/storage/types.ts';
import { nodeFileSource } from './node-file-source.ts';
import { writeParts } from './write-parts.ts';

/** A folder on disk. Files are written aside and renamed, so none is ever half there. */
export class NodeStorage implements Storage {
  constructor(readonly folder: string) {}

  #path(path: string): string {
    return join(this.folder, ...segmentsOf(path));
  }

  async open(path: string): Promise<ByteSource | undefined> {
    const file = this.#path(path);
    const found = await stat(file).catch(() => undefined);
    return found?.isFile() === true ? nodeFileSource(file) : undefined;
  }

  async write(path: string, parts: Iterable<Uint8Array | TensorData>): Promise<void> {
    const file = this.#path(path);
    await mkdir(dirname(file), { recursive: true });
    await writeParts(file, parts);
  }

  async move(from: string, to: string): Promise<void> {
    const [source, target] = [from, to].map((path) => this.#path(path));
    if ((await stat(source).catch(() => undefined))?.isFile() !== true) throw storageMissing(from);
    await mkdir(dirname(target), { recursive: true });
    await rename(source, target);
  }

  async list(folder: string): Promise<readonly string[]> {
    const root = this.#path(folder);
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
    const prefix = segmentsOf(folder).join('/');
    return entries
      .filter((e) => e.isFile() && !e.name.endsWith(UNFINISHED))
      .map((e) => `${prefix}${join(e.parentPath, e.name).slice(root.length)}`)
      .sort();
  }

  async folders(folder: string): Promise<readonly string[]> {
    const entries = await readdir(this.#path(folder), { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  }

  async remove(path: string): Promise<void> {
    await rm(this.#path(path), { recursive: true, force: true });
  }

  async usage(): Promise<undefined> {
    return undefined;
  }
}
