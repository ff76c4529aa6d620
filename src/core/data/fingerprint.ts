import type { ValueData } from '../tensor/values.ts';

/** The memory of a typed array as bytes. */
export function bytesOf(data: ValueData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * A 53-bit fingerprint of bytes: two 32-bit multiplicative hashes (FNV-1a's prime and another odd
 * multiplier) put together. Not for secrets: only to find equal things.
 */
export function hashBytes(bytes: Uint8Array): number {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x5bd1e995);
    b ^= b >>> 15;
  }
  return (a >>> 0) * 2 ** 21 + ((b >>> 0) & 0x1fffff);
}

/** {@link hashBytes} of a text's UTF-8 bytes. */
export function hashText(text: string): number {
  return hashBytes(encoder.encode(text));
}

const encoder = new TextEncoder();
