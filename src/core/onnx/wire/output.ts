import { bytesInMemory } from '../tensor-data.ts';
import type { TensorData } from '../types.ts';

export type Part = Uint8Array | TensorData;

/** Below this, copying a view is cheaper than carrying it as a part of its own. */
const COPY_BELOW = 1024;
const CHUNK = 4096;
const NOTHING = new Uint8Array();

/** Collects encoded bytes: small ones are gathered, large ones and handles are kept by reference. */
export class Output {
  byteLength = 0;
  private readonly done: Part[] = [];
  private chunk = NOTHING;
  private used = 0;

  byte(value: number): void {
    this.reserve(1);
    this.chunk[this.used++] = value;
    this.byteLength++;
  }

  /** An unsigned varint below 2⁵³. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** A 64-bit integer as varint; negative values take ten bytes, as protobuf demands. */
  int64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest >= 128n) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  float(value: number): void {
    this.bytes(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(value: Uint8Array): void {
    if (value.byteLength < COPY_BELOW) {
      this.reserve(value.byteLength);
      this.chunk.set(value, this.used);
      this.used += value.byteLength;
    } else {
      this.flush();
      this.done.push(value);
    }
    this.byteLength += value.byteLength;
  }

  part(value: Part): void {
    if (value instanceof Uint8Array) return this.bytes(value);
    const bytes = bytesInMemory(value);
    if (bytes) return this.bytes(bytes);
    if (value.byteLength === 0) return;
    this.flush();
    this.done.push(value);
    this.byteLength += value.byteLength;
  }

  append(other: Output): void {
    for (const part of other.parts()) this.part(part);
  }

  parts(): readonly Part[] {
    this.flush();
    return this.done;
  }

  private flush(): void {
    if (this.used === 0) return;
    this.done.push(this.chunk.subarray(0, this.used));
    this.chunk = NOTHING;
    this.used = 0;
  }

  private reserve(length: number): void {
    if (this.used + length <= this.chunk.byteLength) return;
    if (this.used + length > CHUNK * 4) {
      this.flush();
      this.chunk = new Uint8Array(Math.max(CHUNK, length));
      return;
    }
    const larger = new Uint8Array(Math.max(64, this.chunk.byteLength * 2, this.used + length));
    larger.set(this.chunk.subarray(0, this.used));
    this.chunk = larger;
  }
}
