import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isCompanion } from '../../core/companions/names.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { modelFile, type FolderFile, type ModelFolder } from '../../engine/model/folder.ts';
import type { OpenModel } from '../../engine/model/open.ts';
import { nodeFileSource } from './node-file-source.ts';

const SAMPLES = fileURLToPath(new URL('../../../public/samples/', import.meta.url));
const SAMPLE = /^sample:([a-z0-9-]+)$/;

/** Folder of a shipped sample; refuses an unknown name and says which there are. */
export async function sampleFolder(reference: string): Promise<string | undefined> {
  const name = SAMPLE.exec(reference)?.[1];
  if (name === undefined) return undefined;
  const entries = await readdir(SAMPLES, { withFileTypes: true });
  const names = entries.filter((e) => e.isDirectory()).map((e) => e.name);
  if (names.includes(name)) return join(SAMPLES, name);
  throw new LatheError(
    'sample-unknown',
    `There is no sample "${name}"; the samples are ${names.map((n) => `sample:${n}`).join(', ')}.`,
  );
}

/** All files of a folder and of those inside it. */
export async function filesUnder(folder: string): Promise<FolderFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return openFiles(folder, entries);
}

/** Files, and links to files (a Hugging Face cache holds nothing else); what cannot be opened is left out. */
async function openFiles(folder: string, entries: readonly Dirent[]): Promise<FolderFile[]> {
  const candidates = entries.filter((e) => e.isFile() || e.isSymbolicLink());
  const paths = candidates.map((e) => join(e.parentPath, e.name)).sort();
  const files = await Promise.all(
    paths.map(async (path) => {
      const source = await nodeFileSource(path).catch(() => undefined);
      return source && { path: relative(folder, path).split(sep).join('/'), source };
    }),
  );
  return files.filter((file) => file !== undefined);
}

async function loneModel(path: string): Promise<ModelFolder> {
  const model = basename(path);
  const folder = dirname(path);
  // External data lies beside the model, so the neighbours come along; nothing is read before it is asked for.
  const files = await withCompany(folder, await filesBeside(folder));
  const name = model.replace(/\.onnx$/i, '');
  return { name, origin: 'file', files, model: isInside(folder) ? `${INSIDE}${model}` : model };
}

async function wholeFolder(folder: string): Promise<ModelFolder> {
  const files = await withCompany(folder, await filesUnder(folder));
  return { name: basename(isInside(folder) ? rootOf(folder) : folder), origin: 'file', files };
}

const INSIDE = 'onnx/';

/** Whether a folder is the `onnx/` of a Hugging Face folder, whose tokenizer and config lie one up. */
function isInside(folder: string): boolean {
  return basename(resolve(folder)) === 'onnx';
}

/** What paths inside a {@link ModelFolder} start from. */
function rootOf(folder: string): string {
  return isInside(folder) ? dirname(resolve(folder)) : folder;
}

/** The files of a folder with what of its company lies one folder up, unless the folder has its own. */
async function withCompany(folder: string, files: FolderFile[]): Promise<FolderFile[]> {
  if (!isInside(folder)) return files;
  const own = new Set(files.map(({ path }) => path));
  const above = await filesBeside(rootOf(folder)).catch(() => []);
  const company = above.filter(({ path }) => isCompanion(path) && !own.has(path));
  return [...company, ...files.map((file) => ({ ...file, path: `${INSIDE}${file.path}` }))];
}

async function filesBeside(folder: string): Promise<FolderFile[]> {
  return openFiles(folder, await readdir(folder, { withFileTypes: true }));
}

/** The files on disk that belong to an opened model, none of which may be written over. */
export async function inputPaths(
  reference: string,
  { folder, model }: OpenModel,
): Promise<readonly string[]> {
  const root = await rootAt(reference);
  const { path } = modelFile(folder);
  const external = model.graph.initializers.flatMap((t) => t.external?.path ?? []);
  const data = [...new Set(external)].map((name) => join(dirname(path), name));
  // Other .onnx files in the folder are what earlier runs wrote there.
  const company = folder.files.flatMap((f) =>
    /\.(json|txt|csv|tsv|jsonl|npz)$/.test(f.path) ? f.path : [],
  );
  return [path, ...data, ...company].map((name) => join(root, name));
}

/** All files of a folder on disk: of several parts, each is read. */
export async function folderPaths(
  reference: string,
  { files }: ModelFolder,
): Promise<readonly string[]> {
  const root = await rootAt(reference);
  return files.map(({ path }) => join(root, path));
}

/** Where on disk the paths of a {@link ModelFolder} start from. */
async function rootAt(reference: string): Promise<string> {
  const sample = await sampleFolder(reference);
  if (sample !== undefined) return sample;
  const lone = (await stat(reference)).isFile();
  return rootOf(lone ? dirname(reference) : reference);
}

/** Opens MODEL: an `.onnx` file, a model folder, or `sample:NAME`. */
export async function modelFolder(reference: string): Promise<ModelFolder> {
  const sample = await sampleFolder(reference);
  if (sample !== undefined) {
    return {
      name: reference.slice('sample:'.length),
      origin: reference,
      files: await filesUnder(sample),
    };
  }
  const found = await stat(reference).catch(() => undefined);
  if (found === undefined) {
    throw new LatheError(
      'model-missing',
      `There is no file or folder "${reference}"; give an .onnx file, a model folder or sample:NAME.`,
    );
  }
  if (found.isFile()) return loneModel(reference);
  return wholeFolder(reference);
}
