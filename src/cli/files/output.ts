import { mkdir, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { explainWriteError } from './write-errors.ts';

/**
 * Makes sure, before any work starts, that `path` can be written when the work is done: its folder
 * is made, a file is tried in it. Refuses a folder, and a path that is one of the `inputs`.
 */
export async function prepareOutput(path: string, inputs: readonly string[] = []): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true || /[\\/]$/.test(path)) throw isFolder(path);
  try {
    await prepareFolder(dirname(resolve(path)));
  } catch (error) {
    throw explainWriteError(error, path);
  }
  for (const input of inputs) if (await sameFile(path, input)) throw isInput(path);
}

/**
 * The same for a folder that will be written as a whole. Refuses a file, a folder that holds one of the
 * `inputs` or anything else, and one of the other `outputs` inside it.
 */
export async function prepareWholeFolder(
  folder: string,
  inputs: readonly string[],
  outputs: readonly string[] = [],
): Promise<void> {
  if ((await stat(folder).catch(() => undefined))?.isFile() === true) throw isFile(folder);
  for (const input of inputs) if (await isInside(input, folder)) throw holdsInput(folder, input);
  for (const output of outputs) {
    if (await isInside(output, folder)) throw holdsOutput(folder, output);
  }
  if ((await readdir(folder).catch(() => [])).length > 0) throw notEmpty(folder);
  try {
    await prepareFolder(dirname(resolve(folder)));
  } catch (error) {
    throw explainWriteError(error, folder);
  }
}

/** Makes a folder and tries a file in it. Throws a file system's own error. */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const trial = join(folder, `.lathe-${process.pid}`);
  await (await open(trial, 'w')).close();
  await rm(trial, { force: true });
}

/** Where a path leads when all links in it are followed, also when its last parts do not exist yet. */
async function realPath(path: string): Promise<string> {
  const whole = resolve(path);
  const parent = dirname(whole);
  return realpath(whole).catch(async () =>
    parent === whole ? whole : join(await realPath(parent), basename(whole)),
  );
}

async function sameFile(a: string, b: string): Promise<boolean> {
  return (await realPath(a)) === (await realPath(b));
}

async function isInside(path: string, folder: string): Promise<boolean> {
  const [inner, outer] = [await realPath(path), await realPath(folder)];
  return inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

function isFolder(path: string): LatheError {
  return new LatheError(
    'output-folder',
    `"${path}" is a folder; give the name of the file to write.`,
  );
}

function isFile(path: string): LatheError {
  return new LatheError('output-file', `"${path}" is a file; give the name of a folder to make.`);
}

function isInput(path: string): LatheError {
  return new LatheError(
    'output-is-input',
    `"${path}" is one of the files that are read, and writing it would destroy it; give another name.`,
  );
}

function holdsInput(folder: string, input: string): LatheError {
  return new LatheError(
    'output-holds-input',
    `"${folder}" holds "${basename(input)}", which is read, and a folder is only written whole; give the name of a new one.`,
  );
}

function holdsOutput(folder: string, output: string): LatheError {
  return new LatheError(
    'output-holds-output',
    `"${output}" lies in "${folder}", and a folder is only written whole; give another place for one of them.`,
  );
}

/** Also thrown when files came into the folder while the work was done. */
export function notEmpty(folder: string): LatheError {
  return new LatheError(
    'output-not-empty',
    `"${folder}" is not empty, and a folder is only written whole; give the name of a new one.`,
  );
}
