import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { ByteSource } from '../../core/onnx/types.ts';

/**
 * A file on disk as a {@link ByteSource}. The file is opened for each read, so that a folder of many
 * files holds no descriptors; each time it is checked to be the same file still.
 * Throws `file-missing`; reads reject with `file-changed` when the file was replaced meanwhile.
 */
export async function nodeFileSource(path: string): Promise<ByteSource> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isFile()) {
    throw new LatheError('file-missing', `There is no file "${path}"; check the path.`);
  }
  const { size, mtimeMs, ino } = facts;
  const changed = () =>
    new LatheError(
      'file-changed',
      `"${basename(path)}" was changed by another program while it was being read; start again.`,
    );
  return {
    byteLength: size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      if (length === 0) return bytes;
      const file = await open(path).catch(() => Promise.reject(changed()));
      try {
        const now = await file.stat();
        if (now.size !== size || now.mtimeMs !== mtimeMs || now.ino !== ino) throw changed();
        if ((await fill(file, bytes, offset)) < length) throw changed();
      } finally {
        await file.close();
      }
      return bytes;
    },
  };
}

/** One read call may return less than was asked for; returns how much there was in the end. */
async function fill(file: FileHandle, bytes: Uint8Array, offset: number): Promise<number> {
  let done = 0;
  while (done < bytes.byteLength) {
    // The kernel takes at most 2 GiB at once.
    const length = Math.min(bytes.byteLength - done, 1 << 30);
    const { bytesRead } = await file.read(bytes, done, length, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}
