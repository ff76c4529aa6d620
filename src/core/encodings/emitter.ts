import type { GraphIndex } from '../onnx/graph/index-graph.ts';
import { makeNode, type AttributeInputs } from '../onnx/graph/make.ts';
import { memoryData, plannedData } from '../onnx/tensor-data.ts';
import type { Node, Tensor } from '../onnx/types.ts';
import { byteLengthOf, DataType } from '../tensor/data-type.ts';

export interface OperatorPlace {
  readonly domain?: string;
  /** The value to make, when its name is fixed. */
  readonly output?: string;
}

/**
 * Collects the initializers and nodes that replace a weight. Small constants (shapes, shifts) are
 * made once per model: every byte of the file counts.
 */
export class Emitter {
  readonly initializers: Tensor[] = [];
  nodes: Node[] = [];
  /** Bytes of the weights stored so far; shared small constants not counted. */
  storedBytes = 0;
  usesMicrosoft = false;
  usesInt4 = false;
  readonly #constants = new Map<string, string>();

  /**
   * @param unique gives a name like the one asked for that nothing in the graph has
   * @param index the graph as it is: constants of an earlier export are used again
   */
  constructor(
    readonly unique: (base: string) => string,
    readonly index: Pick<GraphIndex, 'initializer'>,
  ) {}

  /** A weight of the file; without bytes it is planned: same size, no content. Returns its name. */
  tensor(base: string, dims: readonly number[], dataType: number, bytes?: Uint8Array): string {
    const name = this.#add(base, dims, dataType, bytes);
    this.storedBytes += byteLengthOf(dataType, dims);
    if (dataType === DataType.int4 || dataType === DataType.uint4) this.usesInt4 = true;
    return name;
  }

  /** An int64 vector (a shape, an axis list). */
  integers(values: readonly number[]): string {
    return this.#constant(`lathe_int_${values.join('_').replaceAll('-', 'm')}`, () => {
      const data = BigInt64Array.from(values, BigInt);
      return { dims: [values.length], dataType: DataType.int64, bytes: bytesOf(data) };
    });
  }

  /** An int32 vector of places, of any length: its name says nothing of its numbers. */
  indices(values: readonly number[]): string {
    const key = `lathe_columns_${hashOf(values)}`;
    return this.#constant(
      key,
      () => {
        const data = Int32Array.from(values);
        return { dims: [values.length], dataType: DataType.int32, bytes: bytesOf(data) };
      },
      `${key} ${values.join()}`,
    );
  }

  /** An int64 scalar (an axis). */
  integer(value: number): string {
    return this.#constant(`lathe_axis_${value}`, () => {
      return {
        dims: [],
        dataType: DataType.int64,
        bytes: bytesOf(BigInt64Array.of(BigInt(value))),
      };
    });
  }

  /** A float32 constant; a scalar unless `dims` are given. */
  floats(base: string, values: readonly number[], dims: readonly number[] = []): string {
    return this.#constant(`lathe_${base}`, () => {
      return { dims, dataType: DataType.float32, bytes: bytesOf(Float32Array.from(values)) };
    });
  }

  /**
   * Adds one node; returns the value it makes. Inner values get short names and nodes none: a packed
   * weight takes a dozen nodes, and long names would cost a small model more than it saves.
   */
  op(
    opType: string,
    inputs: readonly string[],
    attributes: AttributeInputs = {},
    place: OperatorPlace = {},
  ): string {
    const output = place.output ?? this.unique('lathe');
    if (place.domain === 'com.microsoft') this.usesMicrosoft = true;
    const name = place.output ?? '';
    this.nodes.push(makeNode(opType, inputs, [output], attributes, place.domain ?? '', name));
    return output;
  }

  /** Adds one node that makes several values; returns them. */
  ops(opType: string, inputs: readonly string[], outputs: number): string[] {
    const made = Array.from({ length: outputs }, () => this.unique('lathe'));
    this.nodes.push(makeNode(opType, inputs, made));
    return made;
  }

  /** Takes the nodes collected since the last call. */
  takeNodes(): Node[] {
    const { nodes } = this;
    this.nodes = [];
    return nodes;
  }

  #constant(
    key: string,
    make: () => { dims: readonly number[]; dataType: number; bytes: Uint8Array },
    identity = key,
  ): string {
    const known = this.#constants.get(identity);
    if (known !== undefined) return known;
    const { dims, dataType, bytes } = make();
    const old = this.index.initializer(key)?.data;
    const reusable = old?.readSync !== undefined && equalBytes(old.readSync(), bytes);
    const name = reusable ? key : this.#add(key, dims, dataType, bytes);
    this.#constants.set(identity, name);
    return name;
  }

  #add(base: string, dims: readonly number[], dataType: number, bytes?: Uint8Array): string {
    const name = this.unique(base);
    const data = bytes ? memoryData(bytes) : plannedData(byteLengthOf(dataType, dims));
    this.initializers.push({ name, dataType, dims: [...dims], data });
    return name;
  }
}

/** FNV-1a over whole numbers, in letters and digits. */
function hashOf(values: readonly number[]): string {
  const hash = values.reduce((h, value) => Math.imul(h ^ value, 0x01000193) >>> 0, 0x811c9dc5);
  return hash.toString(36);
}

/** True for the same bytes in the same order. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The little-endian bytes of a typed array (shared, not copied). */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
