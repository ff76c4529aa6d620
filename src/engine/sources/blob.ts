import type { ByteSource } from '../../core/onnx/types.ts';

const blobs = new WeakMap<ByteSource, Blob>();

/** Reads a Blob or File piecewise; only the asked bytes come into memory. */
export function blobSource(blob: Blob): ByteSource {
  const source: ByteSource = {
    byteLength: blob.size,
    async read(offset, length) {
      return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    },
  };
  blobs.set(source, blob);
  return source;
}

/** Above this a file goes to the page as it lies in the storage: its bytes never come into memory. */
const COPIED_UP_TO = 64 * 2 ** 20;

/**
 * The bytes as a Blob. A small one is a copy, which outlives the stored file; a large file is handed on by
 * reference, and can be read as long as it stays where it is.
 */
export async function asBlob(source: ByteSource): Promise<Blob> {
  const stored = blobs.get(source);
  if (stored !== undefined && source.byteLength > COPIED_UP_TO) return stored;
  const bytes = await source.read(0, source.byteLength);
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' });
}
