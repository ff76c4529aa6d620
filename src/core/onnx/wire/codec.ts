import { problems } from '../problems.ts';
import type { UnknownFields } from '../types.ts';
import { type Input, WIRE } from './input.ts';
import { Output, type Part } from './output.ts';
import { originOf, rememberOrigin } from './provenance.ts';
import { spanPart } from './region.ts';

/**
 * How one protobuf value is read and written. For wire type `bytes` the input's limit is the end of
 * the payload when `read` is called, and `write` writes the payload without its length.
 */
export interface Codec<T> {
  readonly wire: number;
  read(input: Input): T;
  write(output: Output, value: T): void;
  /** The payload as it was read, for a message that is unchanged since. */
  original?(value: T): Part | undefined;
  /** Present for scalars that may also come packed into one `bytes` field. */
  readPacked?(input: Input, into: T[]): void;
}

interface One<T> {
  readonly number: number;
  readonly codec: Codec<T>;
  readonly repeated: false;
}

interface Many<T> {
  readonly number: number;
  readonly codec: Codec<T>;
  readonly repeated: true;
}

type Field = One<unknown> | Many<unknown>;
type Fields = Readonly<Record<string, Field>>;

/** The values of a message: `undefined` for an absent field, a list for a repeated one. */
export type Values<F> = {
  readonly [K in keyof F]?: F[K] extends Many<infer T>
    ? readonly T[]
    : F[K] extends One<infer T>
      ? T
      : never;
} & { readonly unknown?: UnknownFields };

/** A message's field table, with its fields by number for the reader and in order for the writer. */
export interface Schema<F> {
  readonly fields: F;
  readonly byNumber: ReadonlyMap<number, readonly [string, Field]>;
  readonly inOrder: readonly (readonly [string, Field])[];
}

export function one<T>(number: number, codec: Codec<T>): One<T> {
  return { number, codec, repeated: false };
}

export function many<T>(number: number, codec: Codec<T>): Many<T> {
  return { number, codec, repeated: true };
}

export function schema<F extends Fields>(fields: F): Schema<F> {
  const inOrder = Object.entries(fields).sort(([, a], [, b]) => a.number - b.number);
  const byNumber = new Map(inOrder.map((entry) => [entry[1].number, entry] as const));
  return { fields, byNumber, inOrder };
}

/** Reads fields up to the input's limit. Fields the table lacks, or of another wire type, are kept verbatim. */
export function readFields<F>(input: Input, table: Schema<F>): Values<F> {
  const values: Record<string, unknown> = {};
  const unknown: Uint8Array[] = [];
  while (input.more) {
    const start = input.position;
    const tag = input.unsigned();
    const wire = tag % 8;
    const number = (tag - wire) / 8;
    if (number === 0) throw problems.malformed(start, 'field number 0');
    const entry = table.byNumber.get(number);
    if (!entry || !readField(input, wire, entry, values)) {
      input.skip(wire);
      unknown.push(input.since(start));
    }
  }
  if (unknown.length > 0) values.unknown = unknown;
  return values as Values<F>;
}

function readField(
  input: Input,
  wire: number,
  [key, field]: readonly [string, Field],
  values: Record<string, unknown>,
): boolean {
  const { codec } = field;
  const packed = wire === WIRE.bytes && codec.wire !== WIRE.bytes;
  if (packed ? !field.repeated || !codec.readPacked : wire !== codec.wire) return false;
  if (field.repeated) {
    const list = (values[key] ??= []) as unknown[];
    if (packed) within(input, () => codec.readPacked?.(input, list));
    else list.push(readValue(input, codec));
  } else values[key] = readValue(input, codec);
  return true;
}

function readValue(input: Input, codec: Codec<unknown>): unknown {
  return codec.wire === WIRE.bytes ? within(input, () => codec.read(input)) : codec.read(input);
}

/** Runs `read` with the limit at the end of a length-prefixed payload, then moves there. */
function within<T>(input: Input, read: () => T): T {
  const outer = input.limit;
  const length = input.length();
  const end = input.position + length;
  input.limit = end;
  const value = read();
  input.limit = outer;
  input.seek(end);
  return value;
}

/** Writes fields in the order of their numbers, then the unknown ones. */
export function writeFields<F>(output: Output, table: Schema<F>, values: Values<F>): void {
  const record = values as Readonly<Record<string, unknown>>;
  for (const [key, field] of table.inOrder) {
    const value = record[key];
    if (value === undefined) continue;
    if (field.repeated) for (const item of value as unknown[]) writeField(output, field, item);
    else writeField(output, field, value);
  }
  for (const bytes of values.unknown ?? []) output.bytes(bytes);
}

function writeField(output: Output, { number, codec }: Field, value: unknown): void {
  output.unsigned(number * 8 + codec.wire);
  if (codec.wire !== WIRE.bytes) return codec.write(output, value);
  const original = codec.original?.(value);
  if (original) {
    output.unsigned(original.byteLength);
    return output.part(original);
  }
  const payload = new Output();
  codec.write(payload, value);
  output.unsigned(payload.byteLength);
  output.append(payload);
}

interface MessageCodec<T> {
  read(input: Input): T;
  write(output: Output, value: T): void;
}

/**
 * A message that remembers where it came from: written back by reference while it is the same
 * object, re-encoded by `write` once an edit has replaced it.
 */
export function message<T extends object>(definition: MessageCodec<T>): Codec<T> {
  const base = part(definition);
  const original = (value: T) => {
    const origin = originOf(value);
    return origin && spanPart(origin);
  };
  return {
    wire: WIRE.bytes,
    original,
    read(input) {
      const { region, position: offset, remaining: length } = input;
      const value = base.read(input);
      rememberOrigin(value, { region, offset, length });
      return value;
    },
    write(output, value) {
      const bytes = original(value);
      if (bytes) output.part(bytes);
      else definition.write(output, value);
    },
  };
}

/** A message too small to be worth remembering: it is written anew with the one around it. */
export function part<T extends object>(definition: MessageCodec<T>): Codec<T> {
  return {
    wire: WIRE.bytes,
    read(input) {
      input.enterMessage();
      const value = definition.read(input);
      input.leaveMessage();
      return value;
    },
    write: (output, value) => definition.write(output, value),
  };
}
