import { z } from 'zod';
import { LatheError } from '../errors/lathe-error.ts';

/** A tensor of a safetensors file: float32, row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});

/** Longest header that is read: the format's own limit. */
const MOST_HEADER = 100_000_000;

/**
 * A safetensors file: the header's length (8 bytes, little-endian), a JSON header padded with spaces so that
 * the data begin on a multiple of eight, then the tensors one after the other in the order of their names.
 * @see https://github.com/huggingface/safetensors#format
 */
export function writeSafetensors(tensors: readonly NamedTensor[]): Uint8Array {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const { name, dims, values } of sorted) {
    const end = offset + values.byteLength;
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [offset, end] };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + length + offset).fill(32, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  let at = 8 + length;
  for (const { values } of sorted) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}

/** Reads the float32 tensors of a safetensors file. Throws `safetensors-damaged`, `safetensors-type`. */
export function readSafetensors(file: Uint8Array): NamedTensor[] {
  const length = headerLength(file);
  const data = file.subarray(8 + length);
  return Object.entries(parseHeader(file.subarray(8, 8 + length)))
    .filter(([name]) => name !== '__metadata__')
    .map(([name, raw]) => tensorOf(name, raw, data));
}

function headerLength(file: Uint8Array): number {
  if (file.length < 8) throw damaged('it ends before its header');
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length > MOST_HEADER || 8 + length > file.length) throw damaged('its header is cut off');
  return length;
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw damaged('its header is no JSON object');
  }
}

function tensorOf(name: string, raw: unknown, data: Uint8Array): NamedTensor {
  const entry = entrySchema.safeParse(raw);
  if (!entry.success) throw damaged(`the entry of "${name}" is not complete`);
  const { dtype, shape, data_offsets } = entry.data;
  const [start, end] = data_offsets;
  if (dtype !== 'F32') throw wrongType(name, dtype);
  const count = shape.reduce((product, size) => product * size, 1);
  if (end > data.length || end - start !== 4 * count) {
    throw damaged(`the bytes of "${name}" are not those of its shape`);
  }
  return { name, dims: shape, values: new Float32Array(data.slice(start, end).buffer) };
}

function damaged(what: string): LatheError {
  return new LatheError(
    'safetensors-damaged',
    `This is no complete safetensors file: ${what}; save or download it again.`,
  );
}

function wrongType(name: string, dtype: string): LatheError {
  return new LatheError(
    'safetensors-type',
    `The tensor "${name}" is stored as ${dtype}, and adapters are read as F32 only; save the adapter in float32.`,
    { name, dtype },
  );
}
