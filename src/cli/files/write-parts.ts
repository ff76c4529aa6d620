import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { chunksOf, sourceData } from '../../core/onnx/tensor-data.ts';
import type { ByteSource, TensorData } from '../../core/onnx/types.ts';
import { UNFINISHED } from '../../engine/storage/paths.ts';

/** Small pieces are gathered up to this size: one system call for each of a graph's names would be slow. */
const BUFFER = 1 << 20;

/**
 * Writes a file piece by piece: aside first, renamed when complete, so that `path` is never half there.
 * Memory: one chunk of a tensor. On any error, and when `signal` aborts, what was written is removed.
 */
export async function writeParts(
  path: string,
  parts: Iterable<Uint8Array | TensorData>,
  signal?: AbortSignal,
): Promise<void> {
  const aside = `${path}.${randomUUID()}${UNFINISHED}`;
  try {
    const file = await open(aside, 'wx');
    try {
      await writeAll(file, parts, signal);
    } finally {
      await file.close();
    }
    throwIfCancelled(signal);
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** Writes a file with the bytes of another; see {@link writeParts}. */
export function copySource(source: ByteSource, path: string, signal?: AbortSignal): Promise<void> {
  return writeParts(path, [sourceData(source, 0, source.byteLength)], signal);
}

async function writeAll(
  file: FileHandle,
  parts: Iterable<Uint8Array | TensorData>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const buffer = new Uint8Array(BUFFER);
  let used = 0;
  const flush = async () => {
    await writeFully(file, buffer.subarray(0, used));
    used = 0;
  };
  const put = async (bytes: Uint8Array) => {
    throwIfCancelled(signal);
    const large = bytes.byteLength > BUFFER / 2;
    if (large || used + bytes.byteLength > BUFFER) await flush();
    if (large) return writeFully(file, bytes);
    buffer.set(bytes, used);
    used += bytes.byteLength;
  };
  for (const part of parts) {
    if (part instanceof Uint8Array) await put(part);
    else for await (const chunk of chunksOf(part)) await put(chunk);
  }
  await flush();
}

/** One write call may take less than it was given. */
async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const length = Math.min(bytes.byteLength - done, 1 << 30);
    const { bytesWritten } = await file.write(bytes, done, length);
    done += bytesWritten;
  }
}
