import { LatheError } from '../../errors/lathe-error.ts';
import { byteLengthOf, DataType } from '../../tensor/data-type.ts';
import type { DataTypeName } from '../../tensor/data-type.ts';
import type { Graph, MetadataEntry, Model, Node, Tensor, ValueInfo } from '../types.ts';
import { makeNode, makeTensor, makeValueInfo } from '../graph/make.ts';
import type { AttributeInputs, TensorInput } from '../graph/make.ts';
import { plannedData } from '../tensor-data.ts';
import type { WeightValues } from './weight-values.ts';

export interface OperatorOptions {
  readonly domain?: string;
  /** Last part of the node's name; the operator type unless stated. */
  readonly name?: string;
}

export interface ModelOptions {
  /** Version of the standard operator set; 17 unless stated. */
  readonly opset?: number;
  readonly irVersion?: number;
  /** Further operator sets, e.g. `{ 'com.microsoft': 1 }`. */
  readonly domains?: Readonly<Record<string, number>>;
  readonly producerName?: string;
  readonly metadata?: readonly MetadataEntry[];
}

/**
 * Writes an ONNX graph operator by operator. Values are names (strings); `op` returns the name of
 * what it computes, so graphs read like arithmetic. Names follow PyTorch's exporter
 * (`/model/layers.0/mlp/up_proj/MatMul`, output `…/MatMul_output_0`), and the order of calls is a
 * topological order because an unknown input is refused at once.
 *
 * ```ts
 * const g = new GraphBuilder('tiny');
 * const x = g.input('x', 'float32', ['batch', 4]);
 * const w = g.floats('w', [4, 2], new Float32Array(8));
 * g.output(g.op('Relu', [g.op('MatMul', [x, w])]), 'float32', ['batch', 2], 'y');
 * const model = g.finish();
 * ```
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: Node[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #initializers: Tensor[] = [];
  readonly #known = new Set<string>();
  readonly #nodeNames = new Set<string>();
  readonly #renamed = new Map<string, string>();
  #scope = '';

  /** @param outer values of the enclosing graph that this (sub)graph may use */
  constructor(name = 'main', outer: readonly string[] = []) {
    this.#name = name;
    for (const value of outer) this.#known.add(value);
  }

  /** Declares a graph input; string dimensions are symbols. Returns its name. */
  input(name: string, type: DataTypeName, dims: readonly (number | string)[]): string {
    this.#inputs.push(makeValueInfo(name, DataType[type], dims));
    return this.#define(name);
  }

  /** Declares a value as graph output, under `name` if given. Returns the output's name. */
  output(
    value: string,
    type: DataTypeName,
    dims: readonly (number | string)[],
    name = value,
  ): string {
    this.#require(value, 'graph output');
    if (name !== value) this.#rename(value, name);
    this.#outputs.push(makeValueInfo(name, DataType[type], dims));
    return name;
  }

  /** Adds a weight or constant, its memory shared. Returns its name. @throws LatheError `tensor-size-mismatch` */
  initializer(name: string, dims: readonly number[], data: TensorInput): string {
    this.#initializers.push(makeTensor(name, dims, data));
    return this.#define(name);
  }

  /** A float32 initializer; planned values leave it open. */
  floats(name: string, dims: readonly number[], values: WeightValues | readonly number[]): string {
    if ('planned' in values) return this.#hole(name, dims);
    const data = values instanceof Float32Array ? values : Float32Array.from(values);
    return this.initializer(name, dims, data);
  }

  /** An int64 initializer; one-dimensional unless dims are given ([] is a scalar). */
  integers(name: string, values: readonly number[], dims: readonly number[] = [values.length]) {
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    return this.initializer(name, dims, data);
  }

  /** Adds one node with one output. Returns the output's name. @throws LatheError `builder-unknown-value` */
  op(
    type: string,
    inputs: readonly string[],
    attributes?: AttributeInputs,
    options?: OperatorOptions,
  ): string {
    return this.ops(type, inputs, 1, attributes, options)[0];
  }

  /** Adds one node with several outputs. Returns their names. @throws LatheError `builder-unknown-value` */
  ops(
    type: string,
    inputs: readonly string[],
    outputs: number,
    attributes: AttributeInputs = {},
    options: OperatorOptions = {},
  ): string[] {
    const name = this.#unique(`${this.#scope}/${options.name ?? type}`);
    for (const input of inputs) if (input !== '') this.#require(input, `node "${name}"`);
    const made = Array.from({ length: outputs }, (_, index) => `${name}_output_${index}`);
    this.#nodes.push(makeNode(type, inputs, made, attributes, options.domain, name));
    for (const value of made) this.#define(value);
    return made;
  }

  /** Runs `body` with `/name` appended to the names of the nodes it adds. */
  scope<T>(name: string, body: () => T): T {
    const outer = this.#scope;
    this.#scope = `${outer}/${name}`;
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  /** The graph alone, for use as an attribute (If, Loop, Scan). */
  graph(): Graph {
    const name = (value: string) => this.#renamed.get(value) ?? value;
    return {
      name: this.#name,
      nodes: this.#nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(name),
        outputs: node.outputs.map(name),
      })),
      initializers: [...this.#initializers],
      inputs: [...this.#inputs],
      outputs: [...this.#outputs],
      valueInfo: [],
    };
  }

  /** The finished model. */
  finish(options: ModelOptions = {}): Model {
    const domains = Object.entries(options.domains ?? {});
    return {
      irVersion: options.irVersion ?? 8,
      producerName: options.producerName ?? 'lathe',
      opsets: [
        { domain: '', version: options.opset ?? 17 },
        ...domains.map(([domain, version]) => ({ domain, version })),
      ],
      graph: this.graph(),
      metadata: options.metadata ?? [],
      functions: [],
    };
  }

  #hole(name: string, dims: readonly number[]): string {
    const data = plannedData(byteLengthOf(DataType.float32, dims));
    this.#initializers.push({ name, dims: [...dims], dataType: DataType.float32, data });
    return this.#define(name);
  }

  #define(name: string): string {
    if (this.#known.has(name)) {
      throw new LatheError(
        'builder-duplicate-value',
        `The graph already has a value "${name}", and ONNX values are assigned only once; choose another name.`,
      );
    }
    this.#known.add(name);
    return name;
  }

  #require(name: string, user: string): void {
    if (this.#known.has(name)) return;
    throw new LatheError(
      'builder-unknown-value',
      `The ${user} uses the value "${name}", which nothing before it makes; add the input, initializer or node that makes it first.`,
    );
  }

  #rename(value: string, name: string): void {
    this.#define(name);
    this.#renamed.set(value, name);
  }

  #unique(name: string): string {
    let candidate = name;
    for (let n = 1; this.#nodeNames.has(candidate); n++) candidate = `${name}_${n}`;
    this.#nodeNames.add(candidate);
    return candidate;
  }
}
