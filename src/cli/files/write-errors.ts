import { LatheError } from '../../core/errors/lathe-error.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there; choose another place',
  EPERM: 'this user may not write there; choose another place',
  EROFS: 'that place is read-only; choose another one',
  ENOSPC: 'the disk is full; make room and run again',
  EDQUOT: 'the disk quota is used up; make room and run again',
  ENOTDIR: 'a part of its path is a file, not a folder; choose another place',
  EEXIST: 'a part of its path is a file, not a folder; choose another place',
  EISDIR: 'it is a folder; give the name of a file',
  ENAMETOOLONG: 'its name is too long; choose a shorter one',
  ENOENT: 'its folder cannot be made there; choose another place',
};

/** A file system's refusal as a sentence; anything else as it came. */
export function explainWriteError(error: unknown, path: string): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  const reason = code !== undefined && Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  if (error instanceof LatheError || reason === undefined) return error;
  return new LatheError('output-unwritable', `"${path}" cannot be written: ${reason}.`, {
    ...(code !== undefined && { code }),
  });
}
