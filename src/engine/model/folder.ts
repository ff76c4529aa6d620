import { parseJson } from '../../core/companions/files.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { ByteSource } from '../../core/onnx/types.ts';
import type { Task } from './tasks/types.ts';

export interface FolderFile {
  /** Relative, `/`-separated. */
  readonly path: string;
  readonly source: ByteSource;
}

/** A model with its company in Hugging Face layout, or a lone `.onnx` file. */
export interface ModelFolder {
  readonly name: string;
  /** `sample:stories`, `hf:org/repo@rev`, a URL or `file`. */
  readonly origin: string;
  readonly files: readonly FolderFile[];
  /** Path of the model file, where it was chosen by itself. */
  readonly model?: string;
  /** What the model is for, where that was said rather than told from it. */
  readonly task?: Task;
}

const PREFERRED = ['model.onnx', 'onnx/model.onnx'];

/** The one `.onnx` file a folder is about. */
export function modelFile(folder: ModelFolder): FolderFile {
  const chosen = folder.model === undefined ? PREFERRED : [folder.model];
  for (const path of chosen) {
    const file = folder.files.find((f) => f.path === path);
    if (file !== undefined) return file;
  }
  const candidates = folder.files.filter((f) => f.path.toLowerCase().endsWith('.onnx'));
  const only = candidates[0] ?? (folder.files.length === 1 ? folder.files[0] : undefined);
  if (candidates.length > 1) throw severalModels(folder, candidates);
  if (only === undefined) throw noModel(folder);
  return only;
}

function severalModels(folder: ModelFolder, candidates: readonly FolderFile[]): LatheError {
  const names = candidates.map((f) => `"${f.path}"`).join(', ');
  return new LatheError(
    'folder-several-models',
    `The folder "${folder.name}" holds several ONNX files (${names}) and none is called model.onnx; open one of them by itself, in the page together with its tokenizer.json and config.json.`,
  );
}

function noModel(folder: ModelFolder): LatheError {
  const found = folder.files.map((f) => f.path).slice(0, 5);
  return new LatheError(
    'folder-no-model',
    `The folder "${folder.name}" holds no .onnx file (found: ${found.join(', ') || 'nothing'}); add the exported ONNX model to it.`,
  );
}

/** The file at `path` beside the model, or anywhere above it in the folder. */
export function companion(folder: ModelFolder, name: string): FolderFile | undefined {
  return (
    folder.files.find((f) => f.path === name) ??
    folder.files.find((f) => f.path.endsWith(`/${name}`))
  );
}

/** Resolves external data paths, which are relative to the model file's own folder. */
export function externalResolver(
  folder: ModelFolder,
  model: FolderFile,
): (path: string) => ByteSource | undefined {
  const base = model.path.slice(0, model.path.lastIndexOf('/') + 1);
  return (path) => folder.files.find((f) => f.path === base + path)?.source;
}

export async function readAll(file: FolderFile): Promise<Uint8Array> {
  return file.source.read(0, file.source.byteLength);
}

/** The JSON of a companion file; a file that is no JSON is named. */
export async function readJson(file: FolderFile): Promise<unknown> {
  return parseJson(await readAll(file), file.path);
}
