import { bitsPerElement, byteLengthOf, DataType, dataTypeName } from '../../tensor/data-type.ts';
import { problems } from '../problems.ts';
import { memoryData, sourceData } from '../tensor-data.ts';
import type { ExternalLocation, Tensor, TensorData } from '../types.ts';
import { many, message, one, readFields, schema, type Values, writeFields } from '../wire/codec.ts';
import { type Input, WIRE } from '../wire/input.ts';
import { bytes, int64, integer, payload, prose, spans, text } from '../wire/scalars.ts';
import { metadataEntry } from './entries.ts';
import {
  holdsData,
  locationEntries,
  parseLocation,
  rememberLocation,
  safePath,
} from './external.ts';
import { fixedWidthData, typedFieldOf, varintData } from './typed-data.ts';
import { MAX_DIMENSION } from './value-info.ts';

const TENSOR = schema({
  dims: many(1, int64),
  dataType: one(2, integer),
  floatData: many(4, spans(WIRE.fixed32)),
  int32Data: many(5, spans(WIRE.varint)),
  strings: many(6, bytes),
  int64Data: many(7, spans(WIRE.varint)),
  name: one(8, text),
  rawData: one(9, payload),
  doubleData: many(10, spans(WIRE.fixed64)),
  uint64Data: many(11, spans(WIRE.varint)),
  docString: one(12, prose),
  externalData: many(13, metadataEntry),
  dataLocation: one(14, integer),
});

type TensorFields = Values<typeof TENSOR.fields>;

const EXTERNAL = 1;

export const tensor = message<Tensor>({
  read(input) {
    const fields = readFields(input, TENSOR);
    const { name = '', dataType = 0, docString, unknown } = fields;
    const dims = readDims(name, fields.dims ?? []);
    checkType(name, dataType, fields);
    const { data, external } = locate(input, fields, { name, dataType, dims });
    return {
      name,
      dataType,
      dims,
      data,
      ...(external && { external }),
      ...(dataType === DataType.string && { strings: fields.strings ?? [] }),
      ...(docString !== undefined && { docString }),
      ...(unknown && { unknown }),
    };
  },
  write(output, { name, dataType, dims, docString, unknown, ...value }) {
    writeFields(output, TENSOR, {
      name: name || undefined,
      dataType,
      dims: dims.map(BigInt),
      docString,
      unknown,
      ...contents({ dataType, ...value }),
    });
  },
});

type Contents = Pick<Tensor, 'dataType' | 'data' | 'external' | 'strings'>;

function contents({ dataType, data, external, strings }: Contents): TensorFields {
  if (dataType === DataType.string) return { strings: strings ?? [] };
  if (external && holdsData(external, data)) {
    return { externalData: locationEntries(external), dataLocation: EXTERNAL };
  }
  return { rawData: data };
}

function readDims(name: string, dims: readonly bigint[]): number[] {
  const result = dims.map((dim) => {
    if (dim < 0n || dim > BigInt(MAX_DIMENSION)) throw problems.dimension(name, dim);
    return Number(dim);
  });
  // A zero elsewhere must not hide an absurd product: check the largest one met on the way.
  let product = 1;
  for (const dim of result) {
    product *= Math.max(dim, 1);
    if (product > Number.MAX_SAFE_INTEGER) throw problems.elements(name, result);
  }
  return result;
}

/** An empty TensorProto (type 0, no bytes) stands for "no value" in some exports and is let through. */
function checkType(name: string, dataType: number, fields: TensorFields): void {
  const known = dataTypeName(dataType) !== undefined;
  const empty = dataType === DataType.undefined && !fields.rawData?.byteLength;
  if (!known || (dataType === DataType.undefined && !empty))
    throw problems.dataType(name, dataType);
}

interface Header {
  readonly name: string;
  readonly dataType: number;
  readonly dims: readonly number[];
}

interface Located {
  readonly data: TensorData;
  readonly external?: ExternalLocation;
}

const NOTHING = new Uint8Array();

function locate(input: Input, fields: TensorFields, header: Header): Located {
  if (bitsPerElement(header.dataType) === 0) return { data: memoryData(NOTHING) };
  const byteLength = byteLengthOf(header.dataType, header.dims);
  if (fields.dataLocation === EXTERNAL) return locateExternal(input, fields, header, byteLength);
  const raw = fields.rawData;
  if (raw && (raw.byteLength > 0 || byteLength === 0)) {
    if (raw.byteLength !== byteLength) throw mismatch(header, byteLength, raw.byteLength);
    return { data: raw };
  }
  return { data: typedData(fields, header, byteLength) };
}

function typedData(fields: TensorFields, header: Header, byteLength: number): TensorData {
  const field = typedFieldOf(header.dataType);
  const values = fields[field] ?? [];
  const stored = values.reduce((sum, span) => sum + span.length, 0);
  if (byteLength === 0 && stored === 0) return memoryData(NOTHING);
  // Each varint takes at least one byte and gives at most eight: no buffer larger than that is made.
  if (byteLength > stored * 8) throw mismatch(header, byteLength, stored);
  const typed = {
    ...header,
    byteLength,
    spans: values,
    mismatch: (have: number) => mismatch(header, byteLength, have),
  };
  const fixed = field === 'floatData' || field === 'doubleData';
  return fixed ? fixedWidthData(typed) : varintData(typed);
}

function locateExternal(
  input: Input,
  fields: TensorFields,
  header: Header,
  byteLength: number,
): Located {
  const entries = fields.externalData ?? [];
  const external = parseLocation(header.name, entries, byteLength);
  if (external.length !== byteLength) throw mismatch(header, byteLength, external.length);
  const path = safePath(header.name, external.path);
  const source = input.external?.(path);
  if (!source) throw problems.externalMissing(header.name, path);
  const end = external.offset + external.length;
  if (end > source.byteLength) {
    throw problems.externalShort(header.name, path, end, source.byteLength);
  }
  const data = sourceData(source, external.offset, external.length);
  rememberLocation(external, data, entries);
  return { data, external };
}

function mismatch({ name, dataType, dims }: Header, want: number, have: number): Error {
  return problems.dataLength(name, dataTypeName(dataType) ?? String(dataType), dims, want, have);
}
