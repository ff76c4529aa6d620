import { memoryData, sourceData } from '../tensor-data.ts';
import type { ByteSource, TensorData } from '../types.ts';

/** Loaded bytes that begin at absolute offset `start` of the file. */
export interface Segment {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** A range of one file: where an object's encoded bytes lie. */
export interface Span {
  readonly region: Region;
  readonly offset: number;
  readonly length: number;
}

/**
 * One file with the parts of it that are in memory: everything when it was opened from memory,
 * everything except large tensor payloads when it was scanned from a Blob or a disk.
 */
export class Region {
  constructor(
    readonly source: ByteSource,
    /** Sorted by `start`, not overlapping. */
    private readonly segments: readonly Segment[],
  ) {}

  /** The segment that holds `offset`, its end included: a payload that was left out begins there. */
  segmentAt(offset: number): Segment | undefined {
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.segments[middle].start <= offset) low = middle;
      else high = middle - 1;
    }
    const segment = this.segments[low];
    if (!segment || offset < segment.start) return undefined;
    return offset <= segment.start + segment.bytes.byteLength ? segment : undefined;
  }

  /** A view of the bytes when all of them are in memory. */
  view(offset: number, length: number): Uint8Array | undefined {
    const segment = this.segmentAt(offset);
    if (!segment || offset + length > segment.start + segment.bytes.byteLength) return undefined;
    return segment.bytes.subarray(offset - segment.start, offset - segment.start + length);
  }

  /** A handle to the bytes: over memory when they are there, else over the source. */
  data(offset: number, length: number): TensorData {
    const view = this.view(offset, length);
    return view ? memoryData(view) : sourceData(this.source, offset, length);
  }
}

/** What the writer emits for a span: a view where the bytes are in memory, else a handle. */
export function spanPart({ region, offset, length }: Span): Uint8Array | TensorData {
  return region.view(offset, length) ?? sourceData(region.source, offset, length);
}
