import { problems } from '../problems.ts';
import type { Dimension, TensorType, ValueInfo } from '../types.ts';
import {
  type Codec,
  many,
  message,
  one,
  part,
  readFields,
  schema,
  writeFields,
} from '../wire/codec.ts';
import { type Input, WIRE } from '../wire/input.ts';
import type { Output } from '../wire/output.ts';
import { int64, integer, prose, text } from '../wire/scalars.ts';

/** The largest dimension that runtimes index with a signed 32-bit integer. */
export const MAX_DIMENSION = 2 ** 31 - 1;

const DIMENSION = schema({ value: one(1, int64), symbol: one(2, text) });

const dimension = part<Dimension>({
  read(input) {
    const { value, symbol, unknown } = readFields(input, DIMENSION);
    return {
      // Exporters write -1 for "unknown".
      ...(value !== undefined && value >= 0n && { value: Number(value) }),
      ...(symbol && { symbol }),
      ...(unknown && { unknown }),
    };
  },
  write: (output, { value, symbol, unknown }) =>
    writeFields(output, DIMENSION, {
      value: value === undefined ? undefined : BigInt(value),
      symbol,
      unknown,
    }),
});

interface Shape {
  readonly dims: readonly Dimension[];
}

const SHAPE = schema({ dims: many(1, dimension) });

const shape = part<Shape>({
  read: (input) => ({ dims: readFields(input, SHAPE).dims ?? [] }),
  write: (output, value) => writeFields(output, SHAPE, value),
});

const TENSOR = schema({ elementType: one(1, integer), shape: one(2, shape) });

const tensorType = part<TensorType>({
  read(input) {
    const fields = readFields(input, TENSOR);
    return {
      dataType: fields.elementType ?? 0,
      ...(fields.shape && { dims: fields.shape.dims }),
    };
  },
  write: (output, { dataType, dims }) =>
    writeFields(output, TENSOR, { elementType: dataType, shape: dims && { dims } }),
});

/** TypeProto: one of tensor (1), sequence (4), map (5), opaque (7), sparse tensor (8), optional (9). */
const TYPE = schema({ tensor: one(1, tensorType) });
const TENSOR_TYPE_FIELDS = { tensor: 1, denotation: 6 };

/** A TypeProto as it stands in a ValueInfo: understood when it is a plain tensor, else only its bytes. */
interface AnyType {
  readonly type?: TensorType;
  readonly rawType?: Uint8Array;
}

function readType(input: Input): AnyType {
  const { position } = input;
  const { tensor, unknown = [] } = readFields(input, TYPE);
  const other = unknown.some((field) => field[0] >> 3 !== TENSOR_TYPE_FIELDS.denotation);
  if (tensor && !other) return { type: unknown.length > 0 ? { ...tensor, unknown } : tensor };
  return { rawType: input.whole(position) };
}

function writeType(output: Output, { type, rawType }: AnyType): void {
  if (rawType) output.bytes(rawType);
  else if (type) writeFields(output, TYPE, { tensor: type, unknown: type.unknown });
}

const anyType: Codec<AnyType> = { wire: WIRE.bytes, read: readType, write: writeType };

const VALUE_INFO = schema({ name: one(1, text), type: one(2, anyType), docString: one(3, prose) });

export const valueInfo = message<ValueInfo>({
  read(input) {
    const { name = '', type, docString, unknown } = readFields(input, VALUE_INFO);
    for (const { value = 0 } of type?.type?.dims ?? []) {
      if (value > MAX_DIMENSION) throw problems.dimension(name, value);
    }
    return {
      name,
      ...type,
      ...(docString !== undefined && { docString }),
      ...(unknown && { unknown }),
    };
  },
  write(output, { type, rawType, ...rest }) {
    const any = type || rawType ? { type, rawType } : undefined;
    writeFields(output, VALUE_INFO, { ...rest, type: any });
  },
});
