import type { Emitter } from './emitter.ts';
import type { Encoded, Entry, Group, InputCode, MatrixLayout, Shape, WeightUse } from './types.ts';

/** One tensor of the file; without bytes it is a hole: named, typed and sized, to be filled by a run. */
export interface StoredTensor {
  /** What its name adds to the weight's. */
  readonly suffix: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly bytes?: Uint8Array;
}

/** How one layer uses the weight. */
export interface Use {
  readonly op: WeightUse['op'];
  /** y = x·Ŵᵀ (+ b) and nothing else: no scaling factor, no transposed input. */
  readonly plain: boolean;
  readonly input?: InputCode['kind'];
}

/** What the graph around a weight asks for and allows. */
export interface Site extends Shape {
  /** Dims, type and layout of the tensor that the weight is in the graph as it stands. */
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly stored: MatrixLayout;
  /** The layout that all its readers want; out-in where they differ. */
  readonly layout: MatrixLayout;
  /** The type the graph computes in. */
  readonly elementType: number;
  /** Version of the standard operator set. */
  readonly opset: number;
  /** One per layer that reads the weight. */
  readonly uses: readonly Use[];
}

/** A weight as a float value of the graph. */
export interface StoredValue {
  readonly value: string;
  readonly layout: MatrixLayout;
  readonly elementType: number;
  /** A Conv weight still in the form [out, in/group·∏kernel]. */
  readonly unfolded?: boolean;
}

export interface ProductTarget {
  readonly elementType: number;
  /** The value to make, when its name is fixed. */
  readonly output?: string;
}

/** How the graph reads a stored weight. What is absent, the caller does with `value`. */
export interface Connection {
  /** The whole weight as one value; made once, however often it is asked for. */
  readonly value: () => StoredValue;
  /** x·Ŵᵀ, where a kernel or a cheaper order of products beats multiplying by `value`. */
  readonly multiply?: (x: string, target: ProductTarget) => string;
  /** float32 [n, columns]: the rows that a flat vector of row numbers names, and no others unpacked. */
  readonly rows?: (picked: string) => string;
  /** The look-up of an embedding as one operator. */
  readonly lookUp?: (indices: string, target: ProductTarget) => string;
}

/** How one encoded weight is stored and read: by standard operators, or by one kernel of onnxruntime. */
export interface Form {
  /** The kind, or the fusion: what the file's reader must be able to do. */
  readonly id: string;
  /** It rounds the inputs itself where they are to be rounded. */
  readonly roundsInput?: true;
  /**
   * The stored tensors in order; bytes for the values `encoded` has. Throws `encoding-kind` when it is
   * another kind of expression than was planned.
   */
  tensors(encoded: Encoded): readonly StoredTensor[];
  /** Emits what all readers share and says how each reads; `names` are those of `tensors`, in order. */
  connect(emit: Emitter, names: readonly string[]): Connection;
}

/** Everything known about one kind of expression. */
export interface Codec<E extends Encoded> {
  /** The operator set its standard operators need. */
  readonly opset: (encoded: E) => number;
  form(encoded: E, site: Site, nest: Nest): Form;
  /** Ŵ [rows, columns]: exactly what the graph computes with. Throws `encoding-planned`. */
  decode(encoded: E, shape: Shape, nest: Nest): Float32Array;
  /** The weights that share a grid with the one at `entry`; undefined where weights have no grid of few values. */
  group(encoded: E, shape: Shape, entry: Entry, nest: Nest): Group | undefined;
  /** What was done to a weight that became one: "already … by step 2". */
  readonly did: (encoded: E, nest: Nest) => string;
  /** Equal for expressions of the same form: with the same values they are the same. */
  key(encoded: E, nest: Nest): string;
}

/** The same questions about the expressions inside an expression. */
export interface Nest {
  form(encoded: Encoded, site: Site): Form;
  decode(encoded: Encoded, shape: Shape): Float32Array;
  group(encoded: Encoded, shape: Shape, entry: Entry): Group | undefined;
  did(encoded: Encoded): string;
  key(encoded: Encoded): string;
}
