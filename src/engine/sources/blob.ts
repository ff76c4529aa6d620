import type { ByteSource } from '../../core/onnx/types.ts';

/** Reads a Blob or File piecewise; only the asked bytes come into memory. */
export function blobSource(blob: Blob): ByteSource {
  return {
    byteLength: blob.size,
    async read(offset, length) {
      return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    },
  };
}
