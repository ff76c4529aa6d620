import { recognise } from '../../core/anatomy/recognise.ts';
import type { Anatomy } from '../../core/anatomy/types.ts';
import { parseDataset } from '../../core/data/parse-dataset.ts';
import type { Dataset } from '../../core/data/types.ts';
import { readModel } from '../../core/onnx/read.ts';
import { assertOnnx, HEAD_BYTES } from '../../core/onnx/sniff.ts';
import type { Model } from '../../core/onnx/types.ts';
import { validateModel } from '../../core/onnx/validate.ts';
import { readEmbedded, type Embedded } from '../../core/report/embed.ts';
import { loadTokenizer, type Tokenizer } from '../../core/text/tokenizer.ts';
import { sha256Of } from '../hash.ts';
import { readConfig, labelsOf, type ModelConfig } from './config.ts';
import {
  companion,
  externalResolver,
  modelFile,
  readAll,
  readJson,
  type FolderFile,
  type ModelFolder,
} from './folder.ts';
import { partOf, partsOf, type ModelPart } from './parts.ts';
import { taskOf, type Task } from './task.ts';

/** A model that was opened, looked at and hashed; no tensor has been decoded. */
export interface OpenModel {
  readonly name: string;
  readonly origin: string;
  readonly folder: ModelFolder;
  /** The file that was opened, and all the folder has. */
  readonly part: ModelPart;
  readonly parts: readonly ModelPart[];
  readonly model: Model;
  readonly anatomy: Anatomy;
  readonly config: ModelConfig;
  readonly task: Task;
  readonly labels?: readonly string[];
  readonly tokenizer?: Tokenizer;
  /** Contents of `preprocessor_config.json`. */
  readonly preprocessor?: unknown;
  /** Bytes of the model file and its external data, and their hash. */
  readonly bytes: number;
  readonly sha256: string;
  /** Recipe and build report, when the file was made by Lathe. */
  readonly embedded?: Embedded;
}

/** Opens the model of a folder. Every refusal is one sentence ({@link LatheError}). */
export async function openModel(folder: ModelFolder): Promise<OpenModel> {
  const file = modelFile(folder);
  const head = await file.source.read(0, Math.min(HEAD_BYTES, file.source.byteLength));
  assertOnnx(head, file.source.byteLength, file.path);
  const external = externalResolver(folder, file);
  const model = await readModel(file.source, { external });
  validateModel(model);
  const sources = [file.source, ...externalSources(model, external)];
  const anatomy = recognise(model);
  const config = await readConfig(folder);
  const tokenizer = await tokenizerOf(folder);
  return {
    name: folder.name,
    origin: folder.origin,
    folder,
    part: partOf(file),
    parts: partsOf(folder),
    model,
    anatomy,
    config,
    task: taskOf(model, anatomy, config),
    labels: labelsOf(config),
    tokenizer,
    preprocessor: await optionalJson(folder, 'preprocessor_config.json'),
    bytes: sources.reduce((sum, s) => sum + s.byteLength, 0),
    sha256: await sha256Of(sources),
    embedded: readEmbedded(model),
  };
}

function externalSources(
  model: Model,
  external: (path: string) => FolderFile['source'] | undefined,
): FolderFile['source'][] {
  const paths = new Set(
    model.graph.initializers.flatMap((t) => (t.external === undefined ? [] : [t.external.path])),
  );
  return [...paths].sort().flatMap((path) => external(path) ?? []);
}

async function optionalJson(folder: ModelFolder, name: string): Promise<unknown> {
  const file = companion(folder, name);
  return file === undefined ? undefined : readJson(file);
}

async function tokenizerOf(folder: ModelFolder): Promise<Tokenizer | undefined> {
  const json = await optionalJson(folder, 'tokenizer.json');
  if (json === undefined) return undefined;
  return loadTokenizer(json, (await optionalJson(folder, 'tokenizer_config.json')) ?? {});
}

const DATA_ENDINGS = ['csv', 'tsv', 'txt', 'jsonl', 'npz'] as const;

/**
 * The folder's data for a purpose, when it has some: a file in a folder called `calibration` or
 * `evaluation` (where the page puts what was chosen), else `calibration.*` or `evaluation.*`.
 */
export function dataFile(
  folder: ModelFolder,
  purpose: 'calibration' | 'evaluation',
): FolderFile | undefined {
  const within = new RegExp(`(^|/)${purpose}/[^/]+\\.(${DATA_ENDINGS.join('|')})$`, 'i');
  return (
    folder.files.find(({ path }) => within.test(path)) ??
    DATA_ENDINGS.map((ending) => companion(folder, `${purpose}.${ending}`)).find(
      (file) => file !== undefined,
    )
  );
}

export async function readDataset(file: FolderFile): Promise<Dataset> {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return parseDataset({ name, bytes: await readAll(file) });
}
