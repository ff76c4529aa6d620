import { LatheError } from '../../errors/lathe-error.ts';
import { byteLengthOf, DataType, dataTypeName } from '../../tensor/data-type.ts';
import type { ValueData } from '../../tensor/values.ts';
import { memoryData } from '../tensor-data.ts';
import type {
  Attribute,
  Dimension,
  Graph,
  Model,
  Node,
  OperatorSet,
  Tensor,
  ValueInfo,
} from '../types.ts';

/**
 * What an attribute can be written as. A bare number is an int (ONNX keeps ints and floats apart and
 * operators refuse the wrong one), so a float is always written `{ float: 1 }` or `{ floats: [1] }`.
 */
export type AttributeInput =
  | number
  | bigint
  | string
  | readonly number[]
  | readonly bigint[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly bytes: Uint8Array }
  | Tensor
  | Graph;

export type AttributeInputs = Readonly<Record<string, AttributeInput | undefined>>;

/**
 * An ONNX node. Attributes that are `undefined` are left out, so optional ones can be passed along.
 * Throws `attribute-not-integer` for a bare number that is no integer.
 */
export function makeNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: AttributeInputs = {},
  domain = '',
  name = '',
): Node {
  const made: Attribute[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.push(makeAttribute(key, value));
  }
  return { name, opType, domain, inputs: [...inputs], outputs: [...outputs], attributes: made };
}

/** One attribute; see {@link AttributeInput}. Throws `attribute-not-integer`. */
export function makeAttribute(name: string, value: AttributeInput): Attribute {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return { name, kind: 'int', value: toInt(name, value) };
  }
  if (typeof value === 'string') return { name, kind: 'string', value: encode(value) };
  if (isList(value)) return makeListAttribute(name, value);
  if ('float' in value) return { name, kind: 'float', value: value.float };
  if ('floats' in value) return { name, kind: 'floats', value: value.floats };
  if ('bytes' in value) return { name, kind: 'string', value: value.bytes };
  if ('nodes' in value) return { name, kind: 'graph', value };
  return { name, kind: 'tensor', value };
}

type ListInput = readonly number[] | readonly bigint[] | readonly string[];

function isList(value: AttributeInput): value is ListInput {
  return Array.isArray(value);
}

function makeListAttribute(name: string, values: ListInput): Attribute {
  const strings: Uint8Array[] = [];
  const ints: bigint[] = [];
  for (const value of values) {
    if (typeof value === 'string') strings.push(encode(value));
    else ints.push(toInt(name, value));
  }
  if (strings.length > 0) return { name, kind: 'strings', value: strings };
  return { name, kind: 'ints', value: ints };
}

function toInt(name: string, value: number | bigint): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new LatheError(
    'attribute-not-integer',
    `Attribute "${name}" was given as ${value}, which is no integer; write { float: ${value} } for a float attribute.`,
    { attribute: name, value },
  );
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A typed array, or raw little-endian bytes of any ONNX type (float16, int4, bool …). */
export type TensorInput = ValueData | { readonly dataType: number; readonly bytes: Uint8Array };

/**
 * A tensor in memory; the array's memory is shared, not copied. A typed array gets its natural ONNX
 * type (Uint16Array is uint16: half floats are given as `{ dataType, bytes }`).
 * Throws `tensor-size-mismatch` when the bytes are not exactly those of `dims`.
 */
export function makeTensor(name: string, dims: readonly number[], data: TensorInput): Tensor {
  const { dataType, bytes } = ArrayBuffer.isView(data)
    ? { dataType: dataTypeOf(data), bytes: viewBytes(data) }
    : data;
  const expected = byteLengthOf(dataType, dims);
  if (bytes.byteLength !== expected) {
    throw new LatheError(
      'tensor-size-mismatch',
      `Tensor "${name}" of type ${dataTypeName(dataType) ?? dataType} and shape [${dims.join(', ')}] takes ${expected} bytes, but ${bytes.byteLength} were given; pass data that fills the shape exactly.`,
      { tensor: name, expected, given: bytes.byteLength },
    );
  }
  return { name, dataType, dims: [...dims], data: memoryData(bytes) };
}

/** A typed array's bytes, sharing its memory. */
export function viewBytes(data: ValueData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The ONNX type a typed array holds as it is. */
export function dataTypeOf(data: ValueData): number {
  if (data instanceof Float32Array) return DataType.float32;
  if (data instanceof Float64Array) return DataType.float64;
  if (data instanceof Int8Array) return DataType.int8;
  if (data instanceof Uint8Array) return DataType.uint8;
  if (data instanceof Int16Array) return DataType.int16;
  if (data instanceof Uint16Array) return DataType.uint16;
  if (data instanceof Int32Array) return DataType.int32;
  if (data instanceof Uint32Array) return DataType.uint32;
  if (data instanceof BigInt64Array) return DataType.int64;
  return DataType.uint64;
}

/** A graph input, output or value_info of tensor type: number = size, string = symbol, undefined = unknown. */
export function makeValueInfo(
  name: string,
  dataType: number,
  dims?: readonly (number | string | undefined)[],
): ValueInfo {
  return { name, type: { dataType, dims: dims?.map(makeDimension) } };
}

function makeDimension(dim: number | string | undefined): Dimension {
  if (dim === undefined) return {};
  return typeof dim === 'number' ? { value: dim } : { symbol: dim };
}

/** A graph from its parts; what is not given is empty. */
export function makeGraph(parts: Partial<Graph> & Pick<Graph, 'nodes' | 'outputs'>): Graph {
  return { name: 'graph', initializers: [], inputs: [], valueInfo: [], ...parts };
}

/** A model around a graph. `opsets` maps a domain ('' = ai.onnx) to its version. */
export function makeModel(
  graph: Graph,
  opsets: Readonly<Record<string, number>> = { '': 17 },
  irVersion = 8,
): Model {
  const list: OperatorSet[] = Object.entries(opsets).map(([domain, version]) => ({
    domain,
    version,
  }));
  return { irVersion, opsets: list, graph, metadata: [], functions: [] };
}
