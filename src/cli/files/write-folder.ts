import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type { FolderFile } from '../../engine/model/folder.ts';
import { UNFINISHED } from '../../engine/storage/paths.ts';
import { notEmpty } from './output.ts';
import { explainWriteError } from './write-errors.ts';
import { copySource } from './write-parts.ts';

/**
 * Writes a folder with all its files: aside first, renamed when complete, so that `folder` is never half
 * there. On any error, and when `signal` aborts, what was written is removed.
 */
export async function writeFolder(
  folder: string,
  files: readonly FolderFile[],
  signal?: AbortSignal,
): Promise<void> {
  const aside = `${resolve(folder)}.${randomUUID()}${UNFINISHED}`;
  try {
    for (const { path, source } of files) {
      const target = join(aside, path);
      await mkdir(dirname(target), { recursive: true });
      await copySource(source, target, signal);
    }
    throwIfCancelled(signal);
    await makeWay(folder);
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw explainWriteError(error, folder);
  }
}

/** An empty folder of that name is taken away; one with files in it is not. */
async function makeWay(folder: string): Promise<void> {
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return;
    throw error.code === 'ENOTEMPTY' || error.code === 'EEXIST' ? notEmpty(folder) : error;
  });
}
