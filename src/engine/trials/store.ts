import { z } from 'zod';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { sourceData } from '../../core/onnx/tensor-data.ts';
import type { ByteSource } from '../../core/onnx/types.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { reportSchema } from '../../core/report/schema.ts';
import type { Storage } from '../storage/types.ts';
import type { Trial, TrialChange } from './types.ts';

const FOLDER = 'trials';
const DRAFTS = 'drafts';

/** A written file that is still being measured. */
export interface Draft {
  readonly path: string;
  open(): Promise<ByteSource>;
  discard(): Promise<void>;
}

const TrialSchema = z.object({
  id: z.string(),
  model: z.object({ name: z.string(), sha256: z.string() }),
  name: z.string(),
  recipe: z.unknown().transform(parseRecipe),
  createdAt: z.number(),
  state: z.enum(['done', 'cancelled', 'failed']),
  message: z.string().optional(),
  report: reportSchema.optional(),
  pinned: z.boolean().optional(),
  notes: z.string().optional(),
});

/** Trials on a storage: `trials/ID/trial.json` beside `trials/ID/model.onnx`. */
export class TrialStore {
  constructor(readonly storage: Storage) {}

  /** All trials, newest first. One that cannot be read is left out, not in the way. */
  async list(): Promise<readonly Trial[]> {
    const files = await this.storage.list(FOLDER);
    const ids = files
      .filter((f) => f.endsWith('/trial.json'))
      .map((f) => f.split('/').at(-2) ?? '');
    const trials = await Promise.all(ids.map((id) => this.#read(id)));
    return trials.flatMap((t) => t ?? []).sort((a, b) => b.createdAt - a.createdAt);
  }

  async get(id: string): Promise<Trial> {
    const trial = await this.#read(id);
    if (trial === undefined) throw trialMissing(id);
    return trial;
  }

  /** A place for a file that is not a trial yet. */
  draft(id: string): Draft {
    const path = `${DRAFTS}/${id}.onnx`;
    return {
      path,
      open: async () => {
        const file = await this.storage.open(path);
        if (file === undefined) throw trialMissing(id);
        return file;
      },
      discard: () => this.storage.remove(path),
    };
  }

  /** Keeps a trial; its file first, so that a listed finished trial always has its file. */
  async put(trial: Trial, draft?: Draft): Promise<void> {
    if (draft !== undefined) {
      const file = await draft.open();
      await this.storage.write(`${FOLDER}/${trial.id}/model.onnx`, [
        sourceData(file, 0, file.byteLength),
      ]);
    }
    await this.#write(trial);
  }

  async change(id: string, change: TrialChange): Promise<Trial> {
    const changed = { ...(await this.get(id)), ...change };
    await this.#write(changed);
    return changed;
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.storage.remove(`${FOLDER}/${id}`);
  }

  /** The compressed file of a finished trial. */
  async file(id: string): Promise<ByteSource> {
    const file = await this.storage.open(`${FOLDER}/${id}/model.onnx`);
    if (file === undefined) throw trialMissing(id);
    return file;
  }

  async #write(trial: Trial): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(trial));
    await this.storage.write(`${FOLDER}/${trial.id}/trial.json`, [bytes]);
  }

  async #read(id: string): Promise<Trial | undefined> {
    const file = await this.storage.open(`${FOLDER}/${id}/trial.json`);
    if (file === undefined) return undefined;
    const text = new TextDecoder().decode(await file.read(0, file.byteLength));
    const parsed = TrialSchema.safeParse(parseJson(text));
    return parsed.success ? parsed.data : undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function trialMissing(id: string): LatheError {
  return new LatheError(
    'trial-missing',
    `The trial "${id}" is not stored any more (it was deleted, or the browser cleared its storage); run its recipe again.`,
    { id },
  );
}
