import type { Attribute, Graph } from '../types.ts';
import {
  type Codec,
  many,
  message,
  one,
  readFields,
  schema,
  type Schema,
  type Values,
  writeFields,
} from '../wire/codec.ts';
import { WIRE } from '../wire/input.ts';
import { bytes, float, int64, integer, prose, text } from '../wire/scalars.ts';
import { tensor } from './tensor.ts';

/** AttributeProto.AttributeType. */
const TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
} as const;

type PlainKind = keyof typeof TYPE;
const KINDS = Object.keys(TYPE) as PlainKind[];

/** Order of search when the type is absent (IR version 1 did not have it). */
function kindOf(type: number | undefined, values: Readonly<Record<string, unknown>>) {
  if (type) return KINDS.find((kind) => TYPE[kind] === type);
  return KINDS.find((kind) => values[kind] !== undefined);
}

/** What an absent value field means: protobuf leaves out zeros and empty lists. */
function absent(kind: PlainKind): unknown {
  if (kind === 'float') return 0;
  if (kind === 'int') return 0n;
  if (kind === 'string') return new Uint8Array();
  if (kind === 'tensor' || kind === 'graph') return undefined;
  return [];
}

/** The AttributeProto codec; the graph codec comes in lazily because graphs contain attributes. */
export function attributeCodec(graph: () => Codec<Graph>): Codec<Attribute> {
  const nested: Codec<Graph> = {
    wire: WIRE.bytes,
    read: (input) => graph().read(input),
    write: (output, value) => graph().write(output, value),
  };
  const table = schema({
    name: one(1, text),
    float: one(2, float),
    int: one(3, int64),
    string: one(4, bytes),
    tensor: one(5, tensor),
    graph: one(6, nested),
    floats: many(7, float),
    ints: many(8, int64),
    strings: many(9, bytes),
    tensors: many(10, tensor),
    graphs: many(11, nested),
    docString: one(13, prose),
    type: one(20, integer),
    reference: one(21, text),
  });
  return message<Attribute>({
    read(input) {
      const { position } = input;
      const fields = readFields(input, table);
      return toAttribute(fields, () => input.whole(position));
    },
    write: (output, value) =>
      value.kind === 'raw'
        ? output.bytes(value.value)
        : writeFields(output, table, fromAttribute(table, value)),
  });
}

interface CommonFields {
  readonly name?: string;
  readonly docString?: string;
  readonly type?: number;
  readonly reference?: string;
  readonly unknown?: readonly Uint8Array[];
}

function toAttribute(fields: CommonFields, whole: () => Uint8Array): Attribute {
  const { name = '', docString, type, reference, unknown } = fields;
  const common = {
    name,
    ...(docString !== undefined && { docString }),
    ...(unknown && { unknown }),
  };
  if (reference)
    return { ...common, kind: 'reference', value: reference, attributeType: type ?? 0 };
  const values = fields as Readonly<Record<string, unknown>>;
  const kind = kindOf(type, values);
  const value = kind && (values[kind] ?? absent(kind));
  if (kind === undefined || value === undefined) {
    return { name, kind: 'raw', value: whole(), attributeType: type ?? 0 };
  }
  // The table ties each kind to its value's type; the union cannot be narrowed by a computed key.
  return { ...common, kind, value } as Attribute;
}

function fromAttribute<F>(_: Schema<F>, attribute: Attribute): Values<F> {
  const { name, docString, unknown, kind, value } = attribute;
  const common = { name, docString, unknown };
  const own =
    kind === 'reference'
      ? { reference: value, type: attribute.attributeType }
      : kind === 'raw'
        ? {}
        : { [kind]: value, type: TYPE[kind] };
  return { ...common, ...own } as Values<F>;
}
