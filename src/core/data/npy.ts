import { LatheError } from '../errors/lathe-error.ts';
import { byteLengthOf, DataType } from '../tensor/data-type.ts';
import type { Value, ValueData } from '../tensor/values.ts';

type ArrayMaker = (buffer: ArrayBuffer) => ValueData;

/** numpy's type codes (little-endian or one byte) and what they become. */
const TYPES: Readonly<Record<string, readonly [number, ArrayMaker]>> = {
  '|b1': [DataType.bool, (b) => new Uint8Array(b)],
  '|u1': [DataType.uint8, (b) => new Uint8Array(b)],
  '|i1': [DataType.int8, (b) => new Int8Array(b)],
  '<u2': [DataType.uint16, (b) => new Uint16Array(b)],
  '<i2': [DataType.int16, (b) => new Int16Array(b)],
  '<u4': [DataType.uint32, (b) => new Uint32Array(b)],
  '<i4': [DataType.int32, (b) => new Int32Array(b)],
  '<u8': [DataType.uint64, (b) => new BigUint64Array(b)],
  '<i8': [DataType.int64, (b) => new BigInt64Array(b)],
  '<f2': [DataType.float16, (b) => new Uint16Array(b)],
  '<f4': [DataType.float32, (b) => new Float32Array(b)],
  '<f8': [DataType.float64, (b) => new Float64Array(b)],
};

const MAX_RANK = 32;

/**
 * One array in numpy's `.npy` format (versions 1 to 3, C order, little-endian).
 * @param name the file's name, for errors
 * @throws LatheError `npy-damaged`, `npy-unsupported`
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function readNpy(bytes: Uint8Array, name: string): Value {
  const { text, end } = readHeader(bytes, name);
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (order === undefined || shape === undefined) throw damaged(name, 'its header cannot be read');
  if (order === 'True') {
    throw unsupported(name, 'is stored column by column', 'numpy.ascontiguousarray');
  }
  const type = descr === undefined ? undefined : TYPES[descr];
  if (type === undefined) {
    throw unsupported(name, `holds values of type "${descr ?? 'structured'}"`, 'array.astype');
  }
  const dims = readShape(shape, name);
  return makeValue(bytes, end, dims, type, name);
}

function readHeader(bytes: Uint8Array, name: string): { text: string; end: number } {
  const isNpy = bytes.length >= 12 && bytes[0] === 0x93 && ascii(bytes.subarray(1, 6)) === 'NUMPY';
  if (!isNpy) throw damaged(name, 'it does not begin as a numpy array does');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6] === 1 ? 10 : 12;
  const length = bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length) throw damaged(name, 'it is cut off');
  return { text: ascii(bytes.subarray(start, start + length)), end: start + length };
}

function ascii(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function readShape(text: string, name: string): number[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length > MAX_RANK || !parts.every((part) => /^\d{1,15}$/.test(part))) {
    throw damaged(name, 'its shape cannot be read');
  }
  return parts.map(Number);
}

function makeValue(
  bytes: Uint8Array,
  start: number,
  dims: readonly number[],
  [dataType, make]: readonly [number, ArrayMaker],
  name: string,
): Value {
  const expected = byteLengthOf(dataType, dims);
  if (expected !== bytes.length - start) {
    throw damaged(name, `it holds ${bytes.length - start} bytes where its shape needs ${expected}`);
  }
  // A copy, because a typed array must start at a multiple of its element size.
  const copy = new Uint8Array(expected);
  copy.set(bytes.subarray(start));
  return { dataType, dims, data: make(copy.buffer) };
}

function damaged(name: string, what: string): LatheError {
  return new LatheError(
    'npy-damaged',
    `The array file "${name}" cannot be read: ${what}; save it again with numpy.save or numpy.savez.`,
  );
}

function unsupported(name: string, what: string, remedy: string): LatheError {
  return new LatheError(
    'npy-unsupported',
    `The array file "${name}" ${what}, which is not supported; convert it with ${remedy} to plain little-endian numbers in C order and save it again.`,
  );
}
