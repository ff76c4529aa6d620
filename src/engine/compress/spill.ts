import type { Fillings } from '../../core/onnx/fill.ts';
import { memoryData, sourceData } from '../../core/onnx/tensor-data.ts';
import type { TensorData } from '../../core/onnx/types.ts';
import type { Storage } from '../storage/types.ts';

/** Made weights that stay in memory; beyond, they lie in the storage until the file is written. */
export const KEPT_IN_MEMORY = 64 * 2 ** 20;
/** A file for each bias would cost more than it frees. */
const OWN_FILE_FROM = 2 ** 16;

const FOLDER = 'work';

/**
 * Where the weights of one run wait for the file they go into: in memory as long as they are few, then in
 * the storage, so that a run's memory is bounded by a layer and not by the model.
 */
export class Spill {
  readonly #folder: string;
  #kept = 0;
  #files = 0;

  constructor(
    readonly storage: Storage,
    run: string,
    readonly limitBytes = KEPT_IN_MEMORY,
  ) {
    this.#folder = `${FOLDER}/${run}`;
  }

  /** Handles to the same bytes. */
  async put(fillings: Fillings): Promise<ReadonlyMap<string, TensorData>> {
    const kept = new Map<string, TensorData>();
    for (const [name, bytes] of fillings) kept.set(name, await this.#one(bytes));
    return kept;
  }

  async #one(bytes: Uint8Array): Promise<TensorData> {
    const small = bytes.byteLength < OWN_FILE_FROM;
    if (small || this.#kept + bytes.byteLength <= this.limitBytes) {
      this.#kept += bytes.byteLength;
      return memoryData(bytes);
    }
    const path = `${this.#folder}/${this.#files++}`;
    await this.storage.write(path, [bytes]);
    const file = await this.storage.open(path);
    // A storage that loses what it was just given keeps nothing: memory does.
    return file === undefined ? memoryData(bytes) : sourceData(file, 0, file.byteLength);
  }

  /** What lies in the storage goes; handles to it are of no use after this. */
  async discard(): Promise<void> {
    if (this.#files > 0) await this.storage.remove(this.#folder);
  }
}
