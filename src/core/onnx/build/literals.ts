import { LatheError } from '../../errors/lathe-error.ts';
import { byteLengthOf } from '../../tensor/data-type.ts';
import type { Value, ValueData } from '../../tensor/values.ts';
import type { Attribute, Graph, Tensor } from '../types.ts';

/**
 * What may stand for an attribute when a graph is written by hand. The JavaScript type decides the
 * ONNX kind: `number` is a float and `bigint` an int, so `{ alpha: 1, transB: 1n }` is unambiguous.
 */
export type AttributeLiteral =
  | number
  | bigint
  | string
  | Tensor
  | Graph
  | readonly number[]
  | readonly bigint[]
  | readonly string[];

const encoder = new TextEncoder();

/**
 * The attribute `name` with the kind that the literal's JavaScript type says (number → float,
 * bigint → int, string → string, arrays likewise, tensors and graphs as they are).
 * @throws LatheError `builder-attribute` for an empty array: its kind cannot be known.
 */
export function attributeOf(name: string, literal: AttributeLiteral): Attribute {
  if (typeof literal === 'number') return { name, kind: 'float', value: literal };
  if (typeof literal === 'bigint') return { name, kind: 'int', value: literal };
  if (typeof literal === 'string') return { name, kind: 'string', value: encoder.encode(literal) };
  if (isArray(literal)) return arrayAttribute(name, literal);
  if ('nodes' in literal) return { name, kind: 'graph', value: literal };
  return { name, kind: 'tensor', value: literal };
}

type ArrayLiteral = readonly number[] | readonly bigint[] | readonly string[];

function isArray(literal: AttributeLiteral): literal is ArrayLiteral {
  return Array.isArray(literal);
}

function arrayAttribute(name: string, values: ArrayLiteral): Attribute {
  if (holds(values, 'number')) return { name, kind: 'floats', value: values };
  if (holds(values, 'bigint')) return { name, kind: 'ints', value: values };
  if (holds(values, 'string')) {
    return { name, kind: 'strings', value: values.map((value) => encoder.encode(value)) };
  }
  throw new LatheError(
    'builder-attribute',
    `The attribute "${name}" is an empty or mixed list, so its ONNX type cannot be known; give it at least one value, all of one type.`,
  );
}

interface Kinds {
  number: number;
  bigint: bigint;
  string: string;
}

function holds<K extends keyof Kinds>(
  values: readonly unknown[],
  kind: K,
): values is readonly Kinds[K][] {
  return values.length > 0 && values.every((value) => typeof value === kind);
}

/**
 * An initializer whose little-endian bytes are `value.data` as it lies in memory (not copied).
 * Sub-byte types take their packed bytes as a Uint8Array with the logical dims.
 * @throws LatheError `builder-tensor-size` when the bytes do not fill the dims.
 */
export function tensorOf(name: string, value: Value): Tensor {
  const bytes = bytesOf(value.data);
  const expected = byteLengthOf(value.dataType, value.dims);
  if (bytes.byteLength !== expected) {
    throw new LatheError(
      'builder-tensor-size',
      `The tensor "${name}" of shape [${value.dims.join(', ')}] needs ${expected} bytes but was given ${bytes.byteLength}; correct its shape or its values.`,
    );
  }
  return { name, dataType: value.dataType, dims: [...value.dims], data: memory(bytes) };
}

function bytesOf(data: ValueData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function memory(bytes: Uint8Array): Tensor['data'] {
  return {
    byteLength: bytes.byteLength,
    read: (offset = 0, length = bytes.byteLength - offset) =>
      Promise.resolve(bytes.subarray(offset, offset + length)),
    readSync: () => bytes,
  };
}
