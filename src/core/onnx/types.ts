/**
 * An ONNX model as immutable values (onnx.proto3, IR 3–13). Everything is `readonly`: an edit makes
 * a new object with a spread and shares the rest. The reader remembers for each object the bytes it
 * came from, so whatever an edit leaves alone is written back byte for byte (see `write.ts`).
 */

/** Bytes that can be asked for piecewise: an ArrayBuffer, a File, an OPFS file, a URL, a Node file. */
export interface ByteSource {
  readonly byteLength: number;
  /** Bytes [offset, offset + length). May return a view of memory; callers must not write to it. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The same without waiting, when the bytes are already in memory. */
  readonly readSync?: (offset: number, length: number) => Uint8Array;
}

/** Handle to one tensor's little-endian bytes. Never decoded, copied or even read before it is asked for. */
export interface TensorData {
  readonly byteLength: number;
  read(offset?: number, length?: number): Promise<Uint8Array>;
  /** Present when the bytes are in memory; shape arithmetic and tests use it. */
  readonly readSync?: () => Uint8Array;
  /** True for a planned tensor that has a size but no bytes yet (size forecasts). */
  readonly planned?: boolean;
}

/** A field this version does not know, kept verbatim (tag included) and written back. */
export type UnknownFields = readonly Uint8Array[];

export interface OperatorSet {
  readonly domain: string;
  readonly version: number;
}

export interface MetadataEntry {
  readonly key: string;
  readonly value: string;
}

/** Where an external tensor's bytes lie, as the file says (path relative to the model's folder). */
export interface ExternalLocation {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export interface Tensor {
  readonly name: string;
  /** A number of {@link DataType}. */
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly data: TensorData;
  /** Set when the bytes live outside the file. */
  readonly external?: ExternalLocation;
  /** Only for dataType string: the values (their bytes are not a dense buffer). */
  readonly strings?: readonly Uint8Array[];
  readonly docString?: string;
  readonly unknown?: UnknownFields;
}

export interface Dimension {
  /** Known size … */
  readonly value?: number;
  /** … or symbol ("batch", "sequence"); neither means unknown. */
  readonly symbol?: string;
  readonly unknown?: UnknownFields;
}

export interface TensorType {
  readonly dataType: number;
  /** Undefined: rank unknown. */
  readonly dims?: readonly Dimension[];
  /** Unknown fields of the enclosing TypeProto (its denotation). */
  readonly unknown?: UnknownFields;
}

export interface ValueInfo {
  readonly name: string;
  /** Undefined for sequence, map, optional or sparse types; those are kept in `rawType`. */
  readonly type?: TensorType;
  /** The encoded TypeProto when it is not a plain tensor type. */
  readonly rawType?: Uint8Array;
  readonly docString?: string;
  readonly unknown?: UnknownFields;
}

/** One node attribute. int64 values are bigint: INT64_MAX (an open Slice end) must survive a round trip. */
export type Attribute = {
  readonly name: string;
  readonly docString?: string;
  readonly unknown?: UnknownFields;
} & (
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: Uint8Array }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly bigint[] }
  | { readonly kind: 'strings'; readonly value: readonly Uint8Array[] }
  | { readonly kind: 'tensors'; readonly value: readonly Tensor[] }
  | { readonly kind: 'graphs'; readonly value: readonly Graph[] }
  /** A reference to the enclosing function's attribute of this name. */
  | { readonly kind: 'reference'; readonly value: string; readonly attributeType: number }
  /** sparse_tensor(s) and type_proto(s): kept as the whole encoded AttributeProto. */
  | { readonly kind: 'raw'; readonly value: Uint8Array; readonly attributeType: number }
);

export interface Node {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly overload?: string;
  /** Value names; '' marks an omitted optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly Attribute[];
  readonly docString?: string;
  readonly metadata?: readonly MetadataEntry[];
  readonly unknown?: UnknownFields;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Tensor[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly valueInfo: readonly ValueInfo[];
  readonly docString?: string;
  readonly metadata?: readonly MetadataEntry[];
  /** sparse_initializer, quantization_annotation and unknown fields, verbatim. */
  readonly unknown?: UnknownFields;
}

/** A model-local function, kept verbatim; only its identity and operator types are looked at. */
export interface FunctionDefinition {
  readonly name: string;
  readonly domain: string;
  readonly overload?: string;
  readonly bytes: Uint8Array;
}

export interface Model {
  readonly irVersion: number;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly modelVersion?: bigint;
  readonly docString?: string;
  readonly opsets: readonly OperatorSet[];
  readonly graph: Graph;
  readonly metadata: readonly MetadataEntry[];
  readonly functions: readonly FunctionDefinition[];
  /** training_info and unknown fields, verbatim. */
  readonly unknown?: UnknownFields;
}
