import { LatheError } from '../../core/errors/lathe-error.ts';

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** Splits a storage path, refusing anything that could leave the storage's folder. */
export function segmentsOf(path: string): readonly string[] {
  const segments = path.split('/').filter((s) => s !== '');
  const bad = segments.find((s) => !SEGMENT.test(s));
  if (bad !== undefined) {
    throw new LatheError(
      'storage-path',
      `The storage path "${path}" has the part "${bad}", which is not a plain name; use letters, digits, "-", "_" and ".".`,
    );
  }
  return segments;
}

/** Suffix of files that are still being written; such files are never listed. */
export const UNFINISHED = '.unfinished';

/** What moving a file that is not there throws. */
export function storageMissing(path: string): LatheError {
  return new LatheError(
    'storage-missing',
    `There is no file "${path}" in the storage to move: it was deleted meanwhile, or the browser cleared its storage; run again.`,
  );
}
