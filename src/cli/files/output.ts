import { mkdir, open, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
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

/** Makes a folder and tries a file in it. Throws a file system's own error. */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const trial = join(folder, `.lathe-${process.pid}`);
  await (await open(trial, 'w')).close();
  await rm(trial, { force: true });
}

async function sameFile(a: string, b: string): Promise<boolean> {
  const real = async (path: string) => {
    const folder = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)));
    return realpath(path).catch(() => join(folder, basename(path)));
  };
  return (await real(a)) === (await real(b));
}

function isFolder(path: string): LatheError {
  return new LatheError(
    'output-folder',
    `"${path}" is a folder; give the name of the file to write.`,
  );
}

function isInput(path: string): LatheError {
  return new LatheError(
    'output-is-input',
    `"${path}" is one of the files that are read, and writing it would destroy it; give another name.`,
  );
}
