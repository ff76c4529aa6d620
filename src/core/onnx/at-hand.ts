import type { TensorData } from './types.ts';

/** Beginnings of tensors that lie elsewhere; the data behind a handle never changes, so they stay true. */
const fetched = new WeakMap<TensorData, Uint8Array>();

/**
 * The bytes of a tensor without waiting: those in memory, or those {@link bringToHand} brought. Undefined
 * when they would have to be read, and for a planned tensor, which has none.
 */
export function bytesAtHand(data: TensorData): Uint8Array | undefined {
  const bytes = beginningAtHand(data);
  return bytes?.byteLength === data.byteLength ? bytes : undefined;
}

/** As {@link bytesAtHand}, but perhaps only the first part of them. */
export function beginningAtHand(data: TensorData): Uint8Array | undefined {
  return data.planned ? undefined : (data.readSync?.() ?? fetched.get(data));
}

/** Reads the first `length` bytes of a tensor, so that they are at hand from now on. */
export async function bringToHand(data: TensorData, length = data.byteLength): Promise<void> {
  if (data.planned || data.readSync) return;
  const wanted = Math.min(length, data.byteLength);
  if ((fetched.get(data)?.byteLength ?? -1) >= wanted) return;
  // A copy: a source may hand out a view of much more.
  fetched.set(data, (await data.read(0, wanted)).slice());
}
