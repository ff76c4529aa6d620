import type { Tensor, TensorData } from './types.ts';

/** Bytes of one sample: what a disk gives in one go anyway. */
const SAMPLE = 4096;
/** Places of a large tensor that a finer look samples. */
const PLACES = 8;
/** Elements of a matrix that a transpose leaves where they can be found again. */
const DIAGONAL = 4;

/**
 * A few KB from the middle of a tensor as a key: equal tensors have equal keys, and different weights
 * almost never do. Reads at most 4096 bytes.
 */
export async function middleOf({ data }: Tensor): Promise<string> {
  return keyOf(await sample(data, 0.5));
}

/** Samples from all over a tensor as a key; see {@link middleOf}. Reads at most 8 · 4096 bytes. */
export async function samplesOf({ data }: Tensor): Promise<string> {
  const keys: string[] = [];
  for (let i = 0; i < PLACES; i++) keys.push(keyOf(await sample(data, i / (PLACES - 1))));
  return keys.join();
}

/**
 * Elements that a matrix [m, n] and its transpose [n, m] have in common at places known beforehand: some
 * of the diagonal, and the last one. `bytes` is the size of one element.
 */
export async function diagonalOf({ data, dims }: Tensor, bytes: number): Promise<string> {
  const [rows, columns] = dims;
  const last = Math.min(rows, columns) - 1;
  const along = Array.from({ length: DIAGONAL }, (_, i) => Math.floor((i * last) / (DIAGONAL - 1)));
  const places = [...along.map((i) => i * columns + i), rows * columns - 1];
  const elements: string[] = [];
  for (const place of places) elements.push(String(await data.read(place * bytes, bytes)));
  return elements.join(';');
}

/** The bytes around a share (0…1) of the tensor; all of it where it is small. */
function sample(data: TensorData, share: number): Promise<Uint8Array> {
  const length = Math.min(SAMPLE, data.byteLength);
  // Whole multiples of 64 stay aligned, however wide an element is.
  const offset = Math.floor((share * (data.byteLength - length)) / 64) * 64;
  return data.read(offset, Math.min(length, data.byteLength - offset));
}

/** Two 32-bit lanes over the bytes in order (FNV-1a and a multiplicative mix). */
function keyOf(bytes: Uint8Array): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b + byte, 0x85ebca6b) ^ (b >>> 13);
  }
  return `${a},${b}`;
}
