import { recogniseStored } from '../../core/anatomy/recognise-stored.ts';
import type { Anatomy } from '../../core/anatomy/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { openGraph } from '../../core/onnx/prepare/open-graph.ts';
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
  readJson,
  type FolderFile,
  type ModelFolder,
} from './folder.ts';
import { partOf, partsOf, type ModelPart } from './parts.ts';
import { findTask, type TaskFound } from './task.ts';

/** A model that was opened, looked at and hashed; no tensor has been decoded. */
export interface OpenModel extends TaskFound {
  readonly name: string;
  readonly origin: string;
  readonly folder: ModelFolder;
  /** The file that was opened, and all the folder has. */
  readonly part: ModelPart;
  readonly parts: readonly ModelPart[];
  readonly model: Model;
  /** What was changed when it was opened, one sentence each: see {@link openGraph}. */
  readonly opened: readonly string[];
  readonly anatomy: Anatomy;
  readonly config: ModelConfig;
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

/**
 * Opens the model of a folder. Every refusal is one sentence ({@link LatheError}). `known` is what another
 * thread has found out about the very same files: hashing them again would read them once more.
 */
export async function openModel(
  folder: ModelFolder,
  known: Partial<Pick<OpenModel, 'sha256'>> = {},
): Promise<OpenModel> {
  const file = modelFile(folder);
  const head = await file.source.read(0, Math.min(HEAD_BYTES, file.source.byteLength));
  assertOnnx(head, file.source.byteLength, file.path);
  const external = externalResolver(folder, file);
  const stored = await named(file.path, () => readModel(file.source, { external }));
  validateModel(stored);
  const sources = [file.source, ...externalSources(stored, external)];
  const { model, opened } = await openGraph(stored);
  const anatomy = await recogniseStored(model);
  const config = await readConfig(folder);
  const tokenizer = await tokenizerOf(folder);
  return {
    name: folder.name,
    origin: folder.origin,
    folder,
    part: partOf(file),
    parts: partsOf(folder),
    model,
    opened,
    anatomy,
    config,
    ...findTask(folder.name, { model, anatomy, config }, folder.task),
    labels: labelsOf(config),
    tokenizer,
    preprocessor: await optionalJson(folder, 'preprocessor_config.json'),
    bytes: sources.reduce((sum, s) => sum + s.byteLength, 0),
    sha256: known.sha256 ?? (await sha256Of(sources)),
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

/** What is wrong with the bytes of a file is said with its name: a folder may hold several. */
async function named<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof LatheError) || !BYTES.has(error.code)) throw error;
    const { code, message, details } = error;
    throw new LatheError(code, `"${path}" cannot be read. ${message}`, { ...details, file: path });
  }
}

const BYTES = new Set(['onnx-truncated', 'onnx-malformed']);

async function optionalJson(folder: ModelFolder, name: string): Promise<unknown> {
  const file = companion(folder, name);
  return file === undefined ? undefined : readJson(file);
}

async function tokenizerOf(folder: ModelFolder): Promise<Tokenizer | undefined> {
  const json = await optionalJson(folder, 'tokenizer.json');
  if (json === undefined) return undefined;
  return loadTokenizer(json, (await optionalJson(folder, 'tokenizer_config.json')) ?? {});
}
