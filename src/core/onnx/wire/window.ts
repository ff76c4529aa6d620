import { problems } from '../problems.ts';
import type { ByteSource } from '../types.ts';
import type { Segment } from './region.ts';

const SMALLEST_READ = 4 * 1024;
const LARGEST_READ = 1024 * 1024;

/**
 * A forward reader over a slow source. Reads grow while it moves on without a gap and start small
 * again after a payload was left out, so few bytes are fetched in vain.
 */
export class Window {
  position = 0;
  private readonly segments: Segment[] = [];
  private start = 0;
  private chunks: Uint8Array[] = [];
  /** The chunk under the cursor and the absolute offset of its first byte. */
  private chunk = new Uint8Array();
  private chunkStart = 0;
  private readAhead = SMALLEST_READ;

  constructor(private readonly source: ByteSource) {}

  /** True when `length` bytes (or all up to `end`) can be decoded without another read. */
  holds(length: number, end: number): boolean {
    const last = Math.min(this.position + length, end);
    return this.position >= this.chunkStart && last <= this.loadedEnd;
  }

  /** Loads at least `length` bytes beyond the cursor, or all up to `end`. */
  async load(length: number, end: number): Promise<void> {
    const wanted = Math.min(this.position + length, end);
    const from = this.loadedEnd;
    const to = Math.min(Math.max(wanted, from + this.readAhead), this.source.byteLength);
    this.readAhead = Math.min(this.readAhead * 2, LARGEST_READ);
    if (to <= from) return;
    const next = await this.source.read(from, to - from);
    if (next.byteLength !== to - from) throw problems.truncated(from);
    // What is still undecoded joins the new chunk, so that no varint is cut by a chunk's end.
    const decoded = this.position - this.chunkStart;
    const rest = this.chunk.subarray(decoded);
    if (this.chunks.pop()) this.chunks.push(this.chunk.subarray(0, decoded));
    const joined = new Uint8Array(rest.byteLength + next.byteLength);
    joined.set(rest);
    joined.set(next, rest.byteLength);
    this.chunks.push(joined);
    this.chunk = joined;
    this.chunkStart = this.position;
  }

  /** Moves over bytes that must be in memory afterwards. */
  async pass(length: number): Promise<void> {
    let rest = length;
    while (rest > 0) {
      if (this.position >= this.loadedEnd) await this.load(rest, this.position + rest);
      const step = Math.min(rest, this.loadedEnd - this.position);
      if (step <= 0) throw problems.truncated(this.position);
      this.position += step;
      rest -= step;
    }
  }

  /** Moves over a payload that stays where it is. */
  leaveOut(length: number): void {
    const target = this.position + length;
    if (target <= this.loadedEnd) {
      this.position = target;
      return;
    }
    this.closeSegment();
    this.position = target;
    this.start = target;
    this.chunkStart = target;
    this.readAhead = SMALLEST_READ;
  }

  unsigned(end: number): number {
    let result = 0;
    let scale = 1;
    const start = this.position;
    for (let i = 0; i < 10; i++) {
      if (this.position >= end || this.position >= this.loadedEnd) throw problems.truncated(start);
      const byte = this.chunk[this.position++ - this.chunkStart];
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
      scale *= 128;
    }
    throw problems.malformed(start, 'a number longer than ten bytes');
  }

  finish(): readonly Segment[] {
    this.closeSegment();
    return this.segments;
  }

  private get loadedEnd(): number {
    return this.chunkStart + this.chunk.byteLength;
  }

  private closeSegment(): void {
    const length = this.position - this.start;
    if (length > 0) {
      const bytes = new Uint8Array(length);
      let at = 0;
      for (const chunk of this.chunks) {
        const used = chunk.subarray(0, length - at);
        bytes.set(used, at);
        at += used.byteLength;
      }
      this.segments.push({ start: this.start, bytes });
    }
    this.chunks = [];
    this.chunk = new Uint8Array();
  }
}
