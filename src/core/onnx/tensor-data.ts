import { LatheError } from '../errors/lathe-error.ts';
import { assertRange, plainBytes } from './source.ts';
import type { ByteSource, TensorData } from './types.ts';

/** Where a handle's bytes lie, when it is a plain range of a source. */
export interface SourceRange {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
}

const memory = new WeakMap<TensorData, Uint8Array>();
const ranges = new WeakMap<TensorData, SourceRange>();

/** A tensor over bytes in memory; reads are views, nothing is copied. Throws `source-range` on bad ranges. */
export function memoryData(given: Uint8Array): TensorData {
  const bytes = plainBytes(given);
  const data: TensorData = {
    byteLength: bytes.byteLength,
    read: async (offset = 0, length = bytes.byteLength - offset) => {
      assertRange(offset, length, bytes.byteLength);
      return bytes.subarray(offset, offset + length);
    },
    readSync: () => bytes,
  };
  memory.set(data, bytes);
  return data;
}

/** A tensor of `byteLength` bytes that do not exist yet (size forecasts); reading it rejects with `tensor-planned`. */
export function plannedData(byteLength: number): TensorData {
  const data: TensorData = {
    byteLength,
    planned: true,
    read: async () => {
      throw new PlannedRead(data);
    },
  };
  return data;
}

/** Somebody asked for bytes that a run has yet to decide: `hole` tells whose. Code `tensor-planned`. */
export class PlannedRead extends LatheError {
  constructor(readonly hole: TensorData) {
    super(
      'tensor-planned',
      'This tensor is only planned: its size is known but it has no bytes yet; run the recipe before reading it.',
    );
  }
}

/** A tensor over bytes [offset, offset + length) of `source`, read when asked for. Throws `source-range`. */
export function sourceData(source: ByteSource, offset: number, length: number): TensorData {
  assertRange(offset, length, source.byteLength);
  const { readSync } = source;
  const data: TensorData = {
    byteLength: length,
    read: async (start = 0, count = length - start) => {
      assertRange(start, count, length);
      return source.read(offset + start, count);
    },
    ...(readSync && { readSync: () => readSync.call(source, offset, length) }),
  };
  ranges.set(data, { source, offset, length });
  return data;
}

/** The bytes behind a {@link memoryData} handle; undefined for every other kind (nothing is read). */
export function bytesInMemory(data: TensorData): Uint8Array | undefined {
  return memory.get(data);
}

/** The source range behind a {@link sourceData} handle, so that a page can slice the File itself. */
export function sourceRange(data: TensorData): SourceRange | undefined {
  return ranges.get(data);
}

/** Yields all bytes of a handle in views of at most `chunk` bytes: bounded memory for tensors of any size. */
export async function* chunksOf(data: TensorData, chunk = 1 << 23): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < data.byteLength; offset += chunk) {
    yield data.read(offset, Math.min(chunk, data.byteLength - offset));
  }
}
