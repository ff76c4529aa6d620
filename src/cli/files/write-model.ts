import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WrittenModel } from '../../engine/model/written.ts';
import { explainWriteError } from './write-errors.ts';
import { copySource, writeParts } from './write-parts.ts';

/** Copies a model to `out`, its data files beside it; all of them or none. */
export async function writeModelFiles(
  out: string,
  { file, data }: WrittenModel,
  signal?: AbortSignal,
): Promise<void> {
  const done: string[] = [];
  try {
    for (const { path, source } of data) {
      const target = join(dirname(out), path);
      await copySource(source, target, signal);
      done.push(target);
    }
    await copySource(file, out, signal);
  } catch (error) {
    for (const path of done) await rm(path, { force: true });
    throw explainWriteError(error, out);
  }
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  try {
    const text = `${JSON.stringify(value, null, 2)}\n`;
    await writeParts(path, [new TextEncoder().encode(text)]);
  } catch (error) {
    throw explainWriteError(error, path);
  }
}
