import { problems } from '../problems.ts';
import type { ByteSource } from '../types.ts';
import type { Region, Segment, Span } from './region.ts';

/** Deeper nesting than any exporter makes; keeps a hostile file from exhausting the stack. */
export const MAX_DEPTH = 64;
/** Objects one model may have: bounds memory for files made of millions of empty messages. */
export const MAX_MESSAGES = 2_000_000;

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Opens external data files by path relative to the model's folder. */
export type ExternalResolver = (path: string) => ByteSource | undefined;

// One bigint object per small value: an array of a million zeros must not make a million bigints.
const SMALL = Array.from({ length: 256 }, (_, i) => BigInt(i));

/** Bounded protobuf cursor over a {@link Region}: no read ever passes `limit`. */
export class Input {
  /** Absolute offset where the enclosing message ends. */
  limit: number;
  private segment: Segment;
  /** Position inside `segment.bytes`. */
  private at = 0;
  private depth = 0;
  private messages = 0;
  private readonly view: { bytes: Uint8Array; data: DataView };

  constructor(
    readonly region: Region,
    readonly external?: ExternalResolver,
  ) {
    this.limit = region.source.byteLength;
    this.segment = region.segmentAt(0) ?? { start: 0, bytes: new Uint8Array() };
    this.view = { bytes: this.segment.bytes, data: dataView(this.segment.bytes) };
  }

  get position(): number {
    return this.segment.start + this.at;
  }

  get more(): boolean {
    return this.position < this.limit;
  }

  /** Bytes left in the enclosing message. */
  get remaining(): number {
    return this.limit - this.position;
  }

  enterMessage(): void {
    if (++this.depth > MAX_DEPTH) throw problems.tooDeep(MAX_DEPTH);
    if (++this.messages > MAX_MESSAGES) throw problems.tooMany(MAX_MESSAGES);
  }

  leaveMessage(): void {
    this.depth--;
  }

  /** The rest of the enclosing message as a span; the cursor moves to its end. */
  rest(): Span {
    const offset = this.position;
    const span = { region: this.region, offset, length: this.limit - offset };
    this.seek(this.limit);
    return span;
  }

  /** The rest of the enclosing message as a view of memory. */
  restBytes(): Uint8Array {
    return this.take(this.remaining);
  }

  /** Bytes [offset, position), for fields that are kept verbatim. */
  since(offset: number): Uint8Array {
    return this.viewOf(offset, this.position - offset);
  }

  /** Bytes [offset, limit) of a message that has just been read. */
  whole(offset: number): Uint8Array {
    return this.viewOf(offset, this.limit - offset);
  }

  seek(absolute: number): void {
    const { start, bytes } = this.segment;
    if (absolute >= start && absolute <= start + bytes.byteLength) this.at = absolute - start;
    else this.enterSegment(absolute);
  }

  byte(): number {
    if (this.position >= this.limit) throw problems.truncated(this.position);
    const { bytes } = this.view;
    if (this.at >= bytes.byteLength) this.enterSegment(this.position);
    return this.view.bytes[this.at++];
  }

  /** An unsigned varint as a number: field tags and lengths. */
  unsigned(): number {
    const start = this.position;
    let result = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.byte();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
      scale *= 128;
    }
    throw problems.malformed(start, 'a number longer than ten bytes');
  }

  /** A varint as a signed 64-bit integer. */
  int64(): bigint {
    return BigInt.asIntN(64, this.varint());
  }

  /** A varint as an unsigned 64-bit integer. */
  uint64(): bigint {
    return BigInt.asUintN(64, this.varint());
  }

  float(): number {
    const value = this.fixed(4);
    return this.view.data.getFloat32(value, true);
  }

  /** A length, checked against the enclosing message. */
  length(): number {
    const start = this.position;
    const length = this.unsigned();
    if (length > this.remaining) throw problems.truncated(start);
    return length;
  }

  take(length: number): Uint8Array {
    if (length > this.remaining) throw problems.truncated(this.position);
    const view = this.viewOf(this.position, length);
    this.seek(this.position + length);
    return view;
  }

  /** Moves over one value of the given wire type. */
  skip(wire: number): void {
    if (wire === WIRE.varint) this.unsigned();
    else if (wire === WIRE.fixed64) this.fixed(8);
    else if (wire === WIRE.fixed32) this.fixed(4);
    else if (wire === WIRE.bytes) {
      const length = this.length();
      this.seek(this.position + length);
    } else throw problems.malformed(this.position, `wire type ${wire}`);
  }

  private varint(): bigint {
    const start = this.position;
    let low = 0;
    for (let i = 0; i < 4; i++) {
      const byte = this.byte();
      low += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return low < 256 ? SMALL[low] : BigInt(low);
    }
    let result = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    throw problems.malformed(start, 'a number longer than ten bytes');
  }

  /** Reserves `size` bytes and returns their position inside the current segment. */
  private fixed(size: number): number {
    if (size > this.remaining) throw problems.truncated(this.position);
    if (this.at >= this.view.bytes.byteLength) this.enterSegment(this.position);
    const at = this.at;
    if (at + size > this.view.bytes.byteLength) throw problems.truncated(this.position);
    this.at += size;
    return at;
  }

  private viewOf(offset: number, length: number): Uint8Array {
    const view = this.region.view(offset, length);
    if (!view) throw problems.truncated(offset);
    return view;
  }

  private enterSegment(absolute: number): void {
    const segment = this.region.segmentAt(absolute);
    if (!segment) throw problems.truncated(absolute);
    this.segment = segment;
    this.at = absolute - segment.start;
    this.view.bytes = segment.bytes;
    this.view.data = dataView(segment.bytes);
  }
}

function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
