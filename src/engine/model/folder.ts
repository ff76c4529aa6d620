import { defaultPart } from '../../core/companions/choose-parts.ts';
import { parseJson } from '../../core/companions/files.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { ByteSource } from '../../core/onnx/types.ts';
import { partsOf } from './parts.ts';
import type { FolderFile, ModelFolder } from './types.ts';

export type { FolderFile, ModelFolder };

/** The `.onnx` file a folder is opened at: the chosen one, else the one that stands for it. */
export function modelFile(folder: ModelFolder): FolderFile {
  for (const path of [folder.model, defaultPart(partsOf(folder))?.path]) {
    const file = folder.files.find((f) => f.path === path);
    if (file !== undefined) return file;
  }
  // A lone file is looked at whatever it is called: what it is not can then be said.
  const [only, ...others] = folder.files;
  if (only === undefined || others.length > 0) throw noModel(folder);
  return only;
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
