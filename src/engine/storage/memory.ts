import { bytesSource } from '../../core/onnx/source.ts';
import type { ByteSource, TensorData } from '../../core/onnx/types.ts';
import { joinParts } from '../../core/onnx/write.ts';
import { segmentsOf, storageMissing } from './paths.ts';
import type { Storage } from './types.ts';

/** A storage that lives as long as the object: for tests, and where a page may not keep anything. */
export class MemoryStorage implements Storage {
  readonly #files = new Map<string, Uint8Array>();

  async open(path: string): Promise<ByteSource | undefined> {
    const bytes = this.#files.get(segmentsOf(path).join('/'));
    return bytes === undefined ? undefined : bytesSource(bytes);
  }

  async write(path: string, parts: Iterable<Uint8Array | TensorData>): Promise<void> {
    const key = segmentsOf(path).join('/');
    const list = [...parts];
    const byteLength = list.reduce((sum, part) => sum + part.byteLength, 0);
    this.#files.set(key, await joinParts({ byteLength, parts: list }));
  }

  async move(from: string, to: string): Promise<void> {
    const [source, target] = [from, to].map((path) => segmentsOf(path).join('/'));
    const bytes = this.#files.get(source);
    if (bytes === undefined) throw storageMissing(from);
    this.#files.delete(source);
    this.#files.set(target, bytes);
  }

  async list(folder: string): Promise<readonly string[]> {
    const prefix = segmentsOf(folder).join('/');
    return [...this.#files.keys()].filter((p) => p.startsWith(`${prefix}/`)).sort();
  }

  async folders(folder: string): Promise<readonly string[]> {
    const depth = segmentsOf(folder).length;
    const inside = depth === 0 ? [...this.#files.keys()] : await this.list(folder);
    const below = inside.map((path) => path.split('/')).filter((path) => path.length > depth + 1);
    return [...new Set(below.map((path) => path[depth]))].sort();
  }

  async remove(path: string): Promise<void> {
    const key = segmentsOf(path).join('/');
    for (const file of this.#files.keys()) {
      if (file === key || file.startsWith(`${key}/`)) this.#files.delete(file);
    }
  }

  async usage(): Promise<{ usedBytes: number; quotaBytes: number }> {
    const usedBytes = [...this.#files.values()].reduce((sum, f) => sum + f.byteLength, 0);
    return { usedBytes, quotaBytes: Number.MAX_SAFE_INTEGER };
  }
}
