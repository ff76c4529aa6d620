import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { FolderFile, ModelFolder } from '../../engine/model/folder.ts';
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

async function filesUnder(folder: string): Promise<FolderFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  return Promise.all(
    paths.sort().map(async (path) => ({
      path: relative(folder, path).split(sep).join('/'),
      source: await nodeFileSource(path),
    })),
  );
}

async function loneModel(path: string): Promise<ModelFolder> {
  const folder = dirname(path);
  // External data lies beside the model, so the neighbours come along; nothing is read before it is asked for.
  const neighbours = await filesBeside(folder);
  const name = basename(path);
  const model = { path: 'model.onnx', source: await nodeFileSource(path) };
  const others = neighbours.filter(
    (f) => f.path !== name && f.path !== 'model.onnx' && !f.path.endsWith('.onnx'),
  );
  return { name: name.replace(/\.onnx$/i, ''), origin: 'file', files: [model, ...others] };
}

async function filesBeside(folder: string): Promise<FolderFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((e) => e.isFile()).map((e) => e.name);
  return Promise.all(
    names.map(async (name) => ({ path: name, source: await nodeFileSource(join(folder, name)) })),
  );
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
  return { name: basename(reference), origin: 'file', files: await filesUnder(reference) };
}
