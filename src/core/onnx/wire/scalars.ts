import { problems } from '../problems.ts';
import type { TensorData } from '../types.ts';
import { type Codec } from './codec.ts';
import { type Input, WIRE } from './input.ts';
import { type Span, spanPart } from './region.ts';

const encoder = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** Repeated scalars may come packed or one by one, whatever the schema says; both must be read. */
function scalar<T>(codec: Codec<T>): Codec<T> {
  return {
    ...codec,
    readPacked(input, into) {
      while (input.more) into.push(codec.read(input));
    },
  };
}

export const int64: Codec<bigint> = scalar({
  wire: WIRE.varint,
  read: (input) => input.int64(),
  write: (output, value) => output.int64(value),
});

/** An int32, an enum, or an int64 that is known to be small. */
export const integer: Codec<number> = scalar({
  wire: WIRE.varint,
  read: (input) => Number(input.int64()),
  write: (output, value) => output.int64(BigInt(value)),
});

export const float: Codec<number> = scalar({
  wire: WIRE.fixed32,
  read: (input) => input.float(),
  write: (output, value) => output.float(value),
});

export const bytes: Codec<Uint8Array> = {
  wire: WIRE.bytes,
  read: (input) => input.restBytes(),
  write: (output, value) => output.bytes(value),
};

/** A name: must be valid UTF-8, else it could not be written back as it was. */
export const text: Codec<string> = {
  wire: WIRE.bytes,
  read(input) {
    const at = input.position;
    const view = input.restBytes();
    return short(view) ?? decodeStrictly(view, at);
  },
  write: (output, value) => output.bytes(encoder.encode(value)),
};

/** Prose for people: damaged characters are replaced, never an error. */
export const prose: Codec<string> = {
  wire: WIRE.bytes,
  read: (input) => lenient.decode(input.restBytes()),
  write: (output, value) => output.bytes(encoder.encode(value)),
};

/** Short ASCII names are most of a graph, and faster to build without the decoder. */
function short(view: Uint8Array): string | undefined {
  if (view.byteLength > 24) return undefined;
  for (const byte of view) if (byte > 127) return undefined;
  return String.fromCharCode(...view);
}

function decodeStrictly(view: Uint8Array, at: number): string {
  try {
    return strict.decode(view);
  } catch {
    throw problems.text(at);
  }
}

/**
 * A repeated scalar that is never decoded here: the spans of its payloads, in order. Their
 * concatenation is the packed encoding, whether the field came packed or element by element.
 */
export function spans(wire: number): Codec<Span> {
  return {
    wire,
    read: (input) => elementSpan(input, wire),
    readPacked: (input, into) => void into.push(input.rest()),
    write: (output, value) => output.part(spanPart(value)),
  };
}

function elementSpan(input: Input, wire: number): Span {
  const offset = input.position;
  input.skip(wire);
  return { region: input.region, offset, length: input.position - offset };
}

/** A dense payload (`raw_data`) that is only located, not read. */
export const payload: Codec<TensorData> = {
  wire: WIRE.bytes,
  read(input) {
    const { region, offset, length } = input.rest();
    return region.data(offset, length);
  },
  write: (output, value) => output.part(value),
};
