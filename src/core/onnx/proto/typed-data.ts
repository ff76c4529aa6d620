import { DataType } from '../../tensor/data-type.ts';
import { problems } from '../problems.ts';
import { assertRange } from '../source.ts';
import type { TensorData } from '../types.ts';
import type { Span } from '../wire/region.ts';

/**
 * The fields that hold values one by one instead of `raw_data` (onnx.proto, TensorProto). float_data
 * and double_data are little-endian already; the others are varints that are decoded on first use.
 */
export type TypedField = 'floatData' | 'doubleData' | 'int32Data' | 'int64Data' | 'uint64Data';

/** Decoded bytes up to this size are kept, larger ones are decoded again when asked for again. */
const KEEP_BELOW = 1 << 20;

/** Which field a data type uses; everything not listed is in int32_data. */
export function typedFieldOf(dataType: number): TypedField {
  switch (dataType) {
    case DataType.float32:
    case DataType.complex64:
      return 'floatData';
    case DataType.float64:
    case DataType.complex128:
      return 'doubleData';
    case DataType.int64:
      return 'int64Data';
    case DataType.uint32:
    case DataType.uint64:
      return 'uint64Data';
    default:
      return 'int32Data';
  }
}

/** Bytes that one stored number becomes. int32_data holds one byte per int8, packed int4 pair, … */
function bytesPerValue(dataType: number): number {
  switch (dataType) {
    case DataType.int64:
    case DataType.uint64:
      return 8;
    case DataType.int32:
    case DataType.uint32:
      return 4;
    case DataType.int16:
    case DataType.uint16:
    case DataType.float16:
    case DataType.bfloat16:
      return 2;
    default:
      return 1;
  }
}

export interface TypedPayload {
  readonly name: string;
  readonly dataType: number;
  readonly byteLength: number;
  readonly spans: readonly Span[];
  /** Makes the error when the values do not fill `byteLength` exactly. */
  readonly mismatch: (have: number) => Error;
}

/** Bytes for values stored as fixed-width numbers: the payload is the tensor. Throws on a wrong length. */
export function fixedWidthData(payload: TypedPayload): TensorData {
  const have = payload.spans.reduce((sum, span) => sum + span.length, 0);
  if (have !== payload.byteLength) throw payload.mismatch(have);
  if (payload.spans.length === 1) {
    const [{ region, offset, length }] = payload.spans;
    return region.data(offset, length);
  }
  return lazyData(payload, concatenate);
}

/** Bytes for values stored as varints, decoded when first asked for. */
export function varintData(payload: TypedPayload): TensorData {
  return lazyData(payload, (pieces) => decode(payload, pieces));
}

/** Bytes that `convert` makes of the stored pieces; the pieces are read when the bytes are first asked for. */
function lazyData(
  { byteLength, spans }: TypedPayload,
  convert: (pieces: readonly Uint8Array[]) => Uint8Array,
): TensorData {
  const inMemory = spans.every(({ region, offset, length }) => region.view(offset, length));
  let kept: Uint8Array | undefined;
  const keep = (bytes: Uint8Array) => {
    if (byteLength < KEEP_BELOW) kept = bytes;
    return bytes;
  };
  const load = async () => kept ?? keep(convert(await readAll(spans)));
  return {
    byteLength,
    read: async (offset = 0, length = byteLength - offset) => {
      assertRange(offset, length, byteLength);
      return (await load()).subarray(offset, offset + length);
    },
    ...(inMemory && { readSync: () => kept ?? keep(convert(views(spans))) }),
  };
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}

function views(spans: readonly Span[]): Uint8Array[] {
  return spans.map(({ region, offset, length }) => {
    const view = region.view(offset, length);
    if (!view) throw problems.truncated(offset);
    return view;
  });
}

function readAll(spans: readonly Span[]): Promise<Uint8Array[]> {
  return Promise.all(spans.map(({ region, offset, length }) => region.data(offset, length).read()));
}

function decode(payload: TypedPayload, pieces: readonly Uint8Array[]): Uint8Array {
  const width = bytesPerValue(payload.dataType);
  const out = new Uint8Array(payload.byteLength);
  let at = 0;
  for (const piece of pieces) {
    const count = countVarints(piece);
    const have = at + count * width;
    if (have > out.byteLength) throw payload.mismatch(have);
    decodePiece(piece, width, out, at);
    at = have;
  }
  if (at !== out.byteLength) throw payload.mismatch(at);
  return out;
}

function countVarints(piece: Uint8Array): number {
  let count = 0;
  for (const byte of piece) if (byte < 0x80) count++;
  return count;
}

/** Writes the low `width` bytes of every varint: two's complement needs no sign handling. */
function decodePiece(piece: Uint8Array, width: number, out: Uint8Array, start: number): void {
  let target = start;
  let position = 0;
  while (position < piece.byteLength) {
    let low = 0;
    let high = 0;
    let byte: number;
    let shift = 0;
    do {
      if (position >= piece.byteLength || shift > 63) {
        throw problems.malformed(position, 'a number longer than ten bytes');
      }
      byte = piece[position++];
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high |= bits >> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      shift += 7;
    } while (byte >= 0x80);
    for (let i = 0; i < width; i++) {
      out[target++] = i < 4 ? low >>> (8 * i) : high >>> (8 * (i - 4));
    }
  }
}
