import { problems } from './problems.ts';
import type { ByteSource } from './types.ts';

/** Throws `source-range` unless [offset, offset + length) lies within `byteLength` bytes. */
export function assertRange(offset: number, length: number, byteLength: number): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (!whole || offset < 0 || length < 0 || offset + length > byteLength) {
    throw problems.range(offset, length, byteLength);
  }
}

/** A view without the subclass: `slice` of Node's Buffer does not copy, as callers rely on. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A {@link ByteSource} over bytes in memory; reads are views, nothing is copied. Throws `source-range`. */
export function bytesSource(given: Uint8Array): ByteSource {
  const bytes = plainBytes(given);
  const readSync = (offset: number, length: number) => {
    assertRange(offset, length, bytes.byteLength);
    return bytes.subarray(offset, offset + length);
  };
  return {
    byteLength: bytes.byteLength,
    readSync,
    read: async (offset, length) => readSync(offset, length),
  };
}
