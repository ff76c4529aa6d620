import { z } from 'zod';
import { unfoldBranches } from '../../core/onnx/branches/unfold.ts';
import { packageModel } from '../../core/onnx/package.ts';
import { readModel } from '../../core/onnx/read.ts';
import { modelParts } from '../../core/onnx/write.ts';
import { TrainingRecordSchema } from '../../core/report/training.ts';
import type { Storage } from '../storage/types.ts';
import type { KeptBytes, StageResult } from './types.ts';

const FOLDER = 'stages';
/** Stages above this many bytes in all are dropped; trials are never touched. */
const LIMIT_BYTES = 1024 ** 3;

const RowsSchema = z.object({
  measured: z.array(
    z.object({
      step: z.number(),
      name: z.string(),
      relativeError: z.number(),
      baselineRelativeError: z.number().optional(),
      errorKind: z.enum(['output', 'weight']),
      warnings: z.array(z.string()).optional(),
    }),
  ),
  trained: z.array(TrainingRecordSchema),
});

/** Finished stages of recipes by content address, so that a changed last step re-runs only itself. */
export class StageCache implements KeptBytes {
  /** Stages of this run: its models still read from them. */
  readonly #inUse = new Set<string>();

  constructor(
    readonly storage: Storage,
    readonly limitBytes = LIMIT_BYTES,
  ) {}

  /** A stage that was kept, or undefined; one that cannot be read counts as not kept. */
  async get(key: string): Promise<StageResult | undefined> {
    try {
      return await this.#read(key);
    } catch {
      return undefined;
    }
  }

  async #read(key: string): Promise<StageResult | undefined> {
    const rows = await this.storage.open(rowsPath(key));
    const file = await this.storage.open(modelPath(key));
    if (rows === undefined || file === undefined) return undefined;
    const text = new TextDecoder().decode(await rows.read(0, rows.byteLength));
    const rest = RowsSchema.parse(JSON.parse(text));
    const model = await unfoldBranches(await readModel(file));
    this.#inUse.add(modelPath(key)).add(rowsPath(key));
    return { model, ...rest };
  }

  /** Keeps a stage when there is room for it; a full storage costs speed later, never the run. */
  async put(key: string, { model, ...rest }: StageResult): Promise<void> {
    const packaged = packageModel(model);
    if (packaged.files.length > 0 || packaged.byteLength > this.limitBytes / 2) return;
    try {
      await this.#makeRoom(packaged.byteLength);
      this.#inUse.add(modelPath(key)).add(rowsPath(key));
      // The model first: a stage counts only with its rows.
      await this.storage.write(modelPath(key), modelParts(packaged.model).parts);
      await this.storage.write(rowsPath(key), [new TextEncoder().encode(JSON.stringify(rest))]);
    } catch {
      await this.storage.remove(modelPath(key));
    }
  }

  /** Bytes that were kept under a key, or undefined; those that cannot be read count as not kept. */
  async bytes(key: string): Promise<Uint8Array | undefined> {
    try {
      const file = await this.storage.open(partPath(key));
      return await file?.read(0, file.byteLength);
    } catch {
      return undefined;
    }
  }

  /** Keeps bytes when there is room for them. */
  async keepBytes(key: string, parts: readonly Uint8Array[]): Promise<void> {
    try {
      await this.#makeRoom(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
      await this.storage.write(partPath(key), parts);
    } catch {
      await this.storage.remove(partPath(key));
    }
  }

  async #makeRoom(bytes: number): Promise<void> {
    const files = await this.storage.list(FOLDER);
    const sizes = await Promise.all(
      files.map(async (path) => (await this.storage.open(path))?.byteLength ?? 0),
    );
    let total = sizes.reduce((sum, size) => sum + size, bytes);
    for (let i = 0; i < files.length && total > this.limitBytes; i++) {
      if (this.#inUse.has(files[i])) continue;
      await this.storage.remove(files[i]);
      total -= sizes[i];
    }
  }
}

function modelPath(key: string): string {
  return `${FOLDER}/${key}.onnx`;
}

function partPath(key: string): string {
  return `${FOLDER}/${key}.codes`;
}

function rowsPath(key: string): string {
  return `${FOLDER}/${key}.json`;
}
