import { z } from 'zod';
import { readModel } from '../../core/onnx/read.ts';
import { modelParts } from '../../core/onnx/write.ts';
import type { Storage } from '../storage/types.ts';
import type { StageResult } from './types.ts';

const FOLDER = 'stages';
/** Stages above this many bytes in all are dropped, oldest names first; trials are never touched. */
const LIMIT_BYTES = 1024 ** 3;

const RowsSchema = z.array(
  z.object({
    step: z.number(),
    name: z.string(),
    relativeError: z.number(),
    baselineRelativeError: z.number().optional(),
    errorKind: z.enum(['output', 'weight']),
    warnings: z.array(z.string()).optional(),
  }),
);

/** Finished stages of recipes by content address, so that a changed last step re-runs only itself. */
export class StageCache {
  constructor(readonly storage: Storage) {}

  async get(key: string): Promise<StageResult | undefined> {
    const rows = await this.storage.open(`${FOLDER}/${key}.json`);
    const file = await this.storage.open(`${FOLDER}/${key}.onnx`);
    if (rows === undefined || file === undefined) return undefined;
    const text = new TextDecoder().decode(await rows.read(0, rows.byteLength));
    const parsed = RowsSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return undefined;
    return { model: await readModel(file), measured: parsed.data };
  }

  /** Keeps a stage when there is room for it; a full storage costs speed later, never the run. */
  async put(key: string, { model, measured }: StageResult): Promise<void> {
    const { byteLength, parts } = modelParts(model);
    if (byteLength > LIMIT_BYTES / 2) return;
    await this.#makeRoom(byteLength);
    try {
      // The model first: a stage counts only with its rows.
      await this.storage.write(`${FOLDER}/${key}.onnx`, parts);
      await this.storage.write(`${FOLDER}/${key}.json`, [
        new TextEncoder().encode(JSON.stringify(measured)),
      ]);
    } catch {
      await this.storage.remove(`${FOLDER}/${key}.onnx`);
    }
  }

  async #makeRoom(bytes: number): Promise<void> {
    const files = await this.storage.list(FOLDER);
    const sizes = await Promise.all(
      files.map(async (path) => (await this.storage.open(path))?.byteLength ?? 0),
    );
    let total = sizes.reduce((sum, size) => sum + size, bytes);
    for (let i = 0; i < files.length && total > LIMIT_BYTES; i++) {
      await this.storage.remove(files[i]);
      total -= sizes[i];
    }
  }
}
