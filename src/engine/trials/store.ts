import { z } from 'zod';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { sourceData } from '../../core/onnx/tensor-data.ts';
import type { PackagedModel } from '../../core/onnx/package.ts';
import type { ByteSource } from '../../core/onnx/types.ts';
import { modelParts } from '../../core/onnx/write.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { reportSchema } from '../../core/report/schema.ts';
import type { Report } from '../../core/report/types.ts';
import type { WrittenModel } from '../model/written.ts';
import type { Storage } from '../storage/types.ts';
import { pathOf, storedName } from './names.ts';
import type { PartLine, Trial, TrialChange } from './types.ts';

const FOLDER = 'trials';
const DRAFTS = 'drafts';
const MARKS = 'runs';
const MODEL = 'model.onnx';

/** A written model that is still being measured. */
export interface Draft {
  write(packaged: PackagedModel): Promise<void>;
  open(): Promise<WrittenModel>;
  /** Gives the model's files to a trial: nothing is copied. */
  moveTo(folder: string): Promise<void>;
  discard(): Promise<void>;
}

const PartSchema = z.object({
  path: z.string(),
  role: z.string(),
  dtype: z.string(),
  bytesBefore: z.number(),
  bytesAfter: z.number(),
  trial: z.string().optional(),
  message: z.string().optional(),
});

const TrialSchema = z.object({
  id: z.string(),
  model: z.object({ name: z.string(), sha256: z.string() }),
  name: z.string(),
  recipe: z.unknown().transform(parseRecipe),
  createdAt: z.number(),
  state: z.enum(['done', 'cancelled', 'failed']),
  message: z.string().optional(),
  report: reportSchema.optional(),
  parts: z.array(PartSchema).optional(),
  pinned: z.boolean().optional(),
  notes: z.string().optional(),
});

/**
 * Trials on a storage: `trials/ID/trial.json` beside `trials/ID/model.onnx` and its data files, if any. A run that
 * goes on is `runs/ID.json`: the trial it leaves behind should it never end.
 */
export class TrialStore {
  constructor(
    readonly storage: Storage,
    /** Ids of the runs that are going on, in this page or another one; absent where marks are nobody's business. */
    readonly goingOn?: () => Promise<ReadonlySet<string>>,
  ) {}

  /** All trials, newest first. One that cannot be read is left out, not in the way. */
  async list(): Promise<readonly Trial[]> {
    await this.#collectMarks();
    const files = await this.storage.list(FOLDER);
    const ids = files
      .filter((f) => f.endsWith('/trial.json'))
      .map((f) => f.split('/').at(-2) ?? '');
    const trials = await Promise.all(ids.map((id) => this.#read(id)));
    return trials.flatMap((t) => t ?? []).sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Names of folders of trials that cannot be read: the browser lost their description, or a newer version wrote it. */
  async lost(): Promise<readonly string[]> {
    const names = await this.storage.folders(FOLDER);
    const read = await Promise.all(names.map((name) => this.#read(name)));
    return names.filter((_, at) => read[at] === undefined);
  }

  async get(id: string): Promise<Trial> {
    const trial = await this.#read(id);
    if (trial === undefined) throw trialMissing(id);
    return trial;
  }

  /** A place for a model that is not a trial yet. */
  draft(id: string): Draft {
    const folder = `${DRAFTS}/${id}`;
    return {
      write: (packaged) => this.#writeModel(folder, packaged),
      open: () => this.#openModel(folder, id),
      moveTo: (target) => this.#moveModel(folder, target),
      discard: () => this.storage.remove(folder),
    };
  }

  /**
   * Keeps a trial; its files first, so that a listed finished trial always has them. They are moved out
   * of the draft, which is empty then. What a person wrote about the same trial before stays.
   */
  async put(trial: Trial, draft?: Draft): Promise<void> {
    const folder = `${FOLDER}/${trial.id}`;
    const known = await this.#read(trial.id);
    try {
      await draft?.moveTo(folder);
      await this.#write(withWords(trial, known));
    } catch (error) {
      // A model without its trial would lie there unseen.
      if (known === undefined) await this.storage.remove(folder);
      throw error;
    }
  }

  /** Keeps a trial whose files lie elsewhere: they are copied as they are. */
  async adopt(trial: Trial, { file, data }: WrittenModel): Promise<void> {
    const folder = `${FOLDER}/${trial.id}`;
    const known = await this.#read(trial.id);
    for (const { path, source } of data) {
      await this.storage.write(`${folder}/${storedName(path)}`, [
        sourceData(source, 0, source.byteLength),
      ]);
    }
    await this.storage.write(`${folder}/${MODEL}`, [sourceData(file, 0, file.byteLength)]);
    await this.#write(withWords(trial, known));
  }

  /** The report of a kept trial with more in it. What a person wrote meanwhile stays. */
  async report(id: string, report: Report): Promise<Trial> {
    const changed = { ...(await this.get(id)), report };
    await this.#write(changed);
    return changed;
  }

  /** Keeps what an unfinished run leaves behind, unless the same run was finished before. */
  async leave(trial: Trial): Promise<void> {
    const known = await this.#read(trial.id);
    if (known?.state !== 'done') await this.#write(withWords(trial, known));
  }

  /** A run is going on: the trial it leaves behind, should nobody hear of it again. */
  async mark(trial: Trial): Promise<void> {
    await this.storage.write(markPath(trial.id), [jsonBytes(trial)]);
  }

  async unmark(id: string): Promise<void> {
    await this.storage.remove(markPath(id));
  }

  async change(id: string, change: TrialChange): Promise<Trial> {
    const changed = { ...(await this.get(id)), ...change };
    await this.#write(changed);
    return changed;
  }

  /** Notes in a trial which run over several parts it was made in. */
  async join(id: string, parts: readonly PartLine[]): Promise<Trial> {
    const joined = { ...(await this.get(id)), parts };
    await this.#write(joined);
    return joined;
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.storage.remove(`${FOLDER}/${id}`);
  }

  /** The compressed file of a finished trial: the graph alone when it has data files ({@link written}). */
  async file(id: string): Promise<ByteSource> {
    return (await this.written(id)).file;
  }

  /** The compressed model of a finished trial, all its files. */
  async written(id: string): Promise<WrittenModel> {
    return this.#openModel(`${FOLDER}/${id}`, id);
  }

  /** Marks of runs that are not going on any more become the trials they speak of; their drafts go. */
  async #collectMarks(): Promise<void> {
    const marks = this.goingOn === undefined ? [] : await this.storage.list(MARKS);
    if (marks.length === 0) return;
    const going = await this.goingOn?.();
    for (const path of marks) {
      const trial = await this.#readFile(path);
      if (trial !== undefined && going?.has(trial.id) === true) continue;
      if (trial !== undefined) {
        await this.leave(trial);
        await this.storage.remove(`${DRAFTS}/${trial.id}`);
      }
      await this.storage.remove(path);
    }
  }

  async #writeModel(folder: string, { model, files }: PackagedModel): Promise<void> {
    for (const { path, parts } of files) {
      await this.storage.write(`${folder}/${storedName(path)}`, parts);
    }
    await this.storage.write(`${folder}/${MODEL}`, modelParts(model).parts);
  }

  async #openModel(folder: string, id: string): Promise<WrittenModel> {
    const file = await this.storage.open(`${folder}/${MODEL}`);
    if (file === undefined) throw trialMissing(id);
    const data = [];
    for (const stored of await this.storage.list(folder)) {
      const path = pathOf(stored.slice(stored.lastIndexOf('/') + 1));
      const source = path === undefined ? undefined : await this.storage.open(stored);
      if (path !== undefined && source !== undefined) data.push({ path, source });
    }
    return { file, data: data.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  }

  /** The graph's file comes last: it refers to the others. */
  async #moveModel(from: string, to: string): Promise<void> {
    const files = (await this.storage.list(from)).map((path) => path.slice(from.length + 1));
    const data = files.filter((name) => pathOf(name) !== undefined);
    for (const name of [...data, MODEL]) {
      await this.storage.move(`${from}/${name}`, `${to}/${name}`);
    }
  }

  async #write(trial: Trial): Promise<void> {
    await this.storage.write(`${FOLDER}/${trial.id}/trial.json`, [jsonBytes(trial)]);
  }

  #read(id: string): Promise<Trial | undefined> {
    return this.#readFile(`${FOLDER}/${id}/trial.json`);
  }

  async #readFile(path: string): Promise<Trial | undefined> {
    const file = await this.storage.open(path);
    if (file === undefined) return undefined;
    const text = new TextDecoder().decode(await file.read(0, file.byteLength));
    const parsed = TrialSchema.safeParse(parseJson(text));
    return parsed.success ? parsed.data : undefined;
  }
}

/** A trial with what a person wrote about the same one before. */
function withWords(trial: Trial, { pinned, notes }: TrialChange = {}): Trial {
  return {
    ...trial,
    ...(pinned !== undefined && { pinned }),
    ...(notes !== undefined && { notes }),
  };
}

function markPath(id: string): string {
  return `${MARKS}/${id}.json`;
}

function jsonBytes(trial: Trial): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(trial));
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
