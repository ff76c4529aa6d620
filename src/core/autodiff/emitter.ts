import type { AttributeInputs } from '../onnx/graph/make.ts';
import { makeNode, makeTensor } from '../onnx/graph/make.ts';
import type { Node, Tensor } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import type { Value } from '../tensor/values.ts';
import { broadcastDims, product, reducedDims, resolveAxis } from './dims.ts';
import type { StaticType, StaticValues } from './static-types.ts';

export interface EmitOptions {
  readonly attributes?: AttributeInputs;
  /** Element type of the output; that of the first input unless stated. */
  readonly dataType?: number;
  readonly domain?: string;
}

/**
 * Writes nodes whose shapes are all known. Values are names; every value it makes, and every value of
 * the forward graph, has a static type. Helpers compute the output's size themselves; {@link op} is told.
 * Axes are given as inputs, as the operator sets from 18 on want them. Constants are stored once.
 */
export class Emitter {
  readonly nodes: Node[] = [];
  readonly initializers: Tensor[] = [];
  readonly #forward: StaticValues;
  readonly #prefix: string;
  readonly #types = new Map<string, StaticType>();
  readonly #constants = new Map<string, string>();
  readonly #values = new Map<string, Value>();
  #count = 0;

  /** @param prefix begins every new name: no value of the forward graph may begin with it */
  constructor(forward: StaticValues, prefix: string) {
    this.#forward = forward;
    this.#prefix = prefix;
  }

  type(value: string): StaticType | undefined {
    return this.#types.get(value) ?? this.#forward.type(value);
  }

  /** Sizes of a value. Throws for a name nothing made: a mistake in a rule, not in a model. */
  dims(value: string): readonly number[] {
    return this.#known(value).dims;
  }

  dataType(value: string): number {
    return this.#known(value).dataType;
  }

  /** The value itself, when it is a small constant. */
  constant(value: string): Value | undefined {
    return this.#values.get(value) ?? this.#forward.constant(value);
  }

  /** One node with one output of size `dims`. Returns the output's name. */
  op(
    type: string,
    inputs: readonly string[],
    dims: readonly number[],
    options: EmitOptions = {},
  ): string {
    return this.ops(type, inputs, [dims], options)[0];
  }

  /** One node with several outputs of one element type. */
  ops(
    type: string,
    inputs: readonly string[],
    outputDims: readonly (readonly number[])[],
    { attributes = {}, dataType, domain }: EmitOptions = {},
  ): string[] {
    const elementType = dataType ?? this.dataType(inputs[0]);
    const outputs = outputDims.map((dims) => this.#define(type, { dataType: elementType, dims }));
    this.nodes.push(makeNode(type, inputs, outputs, attributes, domain, outputs[0]));
    return outputs;
  }

  /** Declares a value that others make (graph inputs of the caller). */
  declare(value: string, type: StaticType): string {
    this.#types.set(value, type);
    return value;
  }

  /** A scalar of the element type of `like` (float32 unless given). */
  scalar(value: number, like = DataType.float32 as number): string {
    return this.filled(value, [], like);
  }

  /** A constant of floats, all equal, stored element by element: keep it small. */
  filled(value: number, dims: readonly number[], dataType = DataType.float32 as number): string {
    return this.#once(`${dataType} ${value} [${dims.join()}]`, (name) => {
      const Numbers = dataType === DataType.float64 ? Float64Array : Float32Array;
      this.#store(name, dims, new Numbers(product(dims)).fill(value));
      if (dataType === DataType.float32 || dataType === DataType.float64) return name;
      return this.cast(name, dataType);
    });
  }

  /** An int64 vector: axes, shapes, bounds. */
  integers(...values: readonly number[]): string {
    return this.#once(`int64 ${values.join()}`, (name) => {
      this.#store(name, [values.length], BigInt64Array.from(values, BigInt));
      return name;
    });
  }

  /** An int64 scalar. */
  integer(value: number): string {
    return this.#once(`int64 scalar ${value}`, (name) => {
      this.#store(name, [], BigInt64Array.of(BigInt(value)));
      return name;
    });
  }

  /** Stores a constant. */
  store(dims: readonly number[], data: Float32Array | BigInt64Array): string {
    const name = `${this.#prefix}constant_${this.#count++}`;
    this.#store(name, dims, data);
    return name;
  }

  unary(type: string, x: string, attributes?: AttributeInputs): string {
    return this.op(type, [x], this.dims(x), { attributes });
  }

  binary(type: string, a: string, b: string): string {
    return this.op(type, [a, b], broadcastDims(this.dims(a), this.dims(b)));
  }

  add(a: string, b: string): string {
    return this.binary('Add', a, b);
  }

  sub(a: string, b: string): string {
    return this.binary('Sub', a, b);
  }

  mul(a: string, b: string): string {
    return this.binary('Mul', a, b);
  }

  div(a: string, b: string): string {
    return this.binary('Div', a, b);
  }

  neg(x: string): string {
    return this.unary('Neg', x);
  }

  /** x · factor. */
  scale(x: string, factor: number): string {
    return factor === 1 ? x : this.mul(x, this.scalar(factor, this.dataType(x)));
  }

  /** Comparisons (Equal, Greater, Less …): a bool value. */
  compare(type: string, a: string, b: string): string {
    const dims = broadcastDims(this.dims(a), this.dims(b));
    return this.op(type, [a, b], dims, { dataType: DataType.bool });
  }

  where(condition: string, yes: string, no: string): string {
    const dims = broadcastDims(this.dims(condition), broadcastDims(this.dims(yes), this.dims(no)));
    return this.op('Where', [condition, yes, no], dims, { dataType: this.dataType(yes) });
  }

  cast(x: string, dataType: number): string {
    if (this.dataType(x) === dataType) return x;
    return this.op('Cast', [x], this.dims(x), { attributes: { to: dataType }, dataType });
  }

  /** A·B with NumPy's broadcasting of the leading axes; both of rank ≥ 2. */
  matmul(a: string, b: string): string {
    const [left, right] = [this.dims(a), this.dims(b)];
    const batch = broadcastDims(left.slice(0, -2), right.slice(0, -2));
    return this.op('MatMul', [a, b], [...batch, left[left.length - 2], right[right.length - 1]]);
  }

  /** α·op(A)·op(B) of two matrices, op being transposition where asked. */
  gemm(a: string, b: string, transA: boolean, transB: boolean, alpha = 1): string {
    const rows = this.dims(a)[transA ? 1 : 0];
    const columns = this.dims(b)[transB ? 0 : 1];
    const attributes = {
      transA: transA ? 1 : 0,
      transB: transB ? 1 : 0,
      alpha: alpha === 1 ? undefined : { float: alpha },
    };
    return this.op('Gemm', [a, b], [rows, columns], { attributes });
  }

  transpose(x: string, perm: readonly number[]): string {
    if (perm.every((axis, i) => axis === i)) return x;
    const dims = this.dims(x);
    return this.op(
      'Transpose',
      [x],
      perm.map((axis) => dims[axis]),
      { attributes: { perm } },
    );
  }

  /** Swaps the last two axes. */
  transposeLast(x: string): string {
    const rank = this.dims(x).length;
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
    return this.transpose(x, perm);
  }

  reshape(x: string, dims: readonly number[]): string {
    if (sameDims(this.dims(x), dims)) return x;
    return this.op('Reshape', [x, this.integers(...dims)], dims);
  }

  /** x seen as a matrix [∏ leading, last]. */
  flattenLeading(x: string): string {
    const dims = this.dims(x);
    const last = dims[dims.length - 1];
    return this.reshape(x, [product(dims.slice(0, -1)), last]);
  }

  expand(x: string, dims: readonly number[]): string {
    if (sameDims(this.dims(x), dims)) return x;
    return this.op('Expand', [x, this.integers(...dims)], dims);
  }

  reduceSum(x: string, axes: readonly number[], keepdims = true): string {
    return this.reduce('ReduceSum', x, axes, keepdims);
  }

  /** ReduceSum, ReduceMean, ReduceMax … over axes (negative ones count from the end). */
  reduce(type: string, x: string, axes: readonly number[], keepdims = true): string {
    if (axes.length === 0) return x;
    const dims = this.dims(x);
    const resolved = axes.map((axis) => resolveAxis(axis, dims.length));
    return this.op(type, [x, this.integers(...resolved)], reducedDims(dims, resolved, keepdims), {
      attributes: { keepdims: keepdims ? 1 : 0 },
    });
  }

  /** Undoes broadcasting: sums x over what `dims` does not have, so that it has that size. */
  sumTo(x: string, dims: readonly number[]): string {
    const from = this.dims(x);
    if (sameDims(from, dims)) return x;
    const lead = from.length - dims.length;
    const axes = from.flatMap((size, axis) => {
      const kept = axis < lead ? 0 : dims[axis - lead];
      return axis < lead || (kept === 1 && size !== 1) ? [axis] : [];
    });
    return this.reshape(this.reduceSum(x, axes, true), dims);
  }

  /** Pieces x[start, end) along an axis, step 1. */
  slice(x: string, axis: number, start: number, end: number): string {
    const dims = this.dims(x).map((size, a) => (a === axis ? end - start : size));
    const bounds = [start, end, axis].map((value) => this.integers(value));
    return this.op('Slice', [x, ...bounds], dims);
  }

  concat(parts: readonly string[], axis: number): string {
    if (parts.length === 1) return parts[0];
    const dims = [...this.dims(parts[0])];
    dims[axis] = parts.reduce((sum, part) => sum + this.dims(part)[axis], 0);
    return this.op('Concat', parts, dims, { attributes: { axis } });
  }

  #known(value: string): StaticType {
    const type = this.type(value);
    if (type === undefined) throw new Error(`The value "${value}" has no known type here.`);
    return type;
  }

  #define(kind: string, type: StaticType): string {
    const name = `${this.#prefix}${kind}_${this.#count++}`;
    this.#types.set(name, type);
    return name;
  }

  #once(key: string, make: (name: string) => string): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const made = make(`${this.#prefix}constant_${this.#count++}`);
    this.#constants.set(key, made);
    return made;
  }

  #store(
    name: string,
    dims: readonly number[],
    data: Float32Array | Float64Array | BigInt64Array,
  ): void {
    const tensor = makeTensor(name, dims, data);
    this.initializers.push(tensor);
    this.#types.set(name, { dataType: tensor.dataType, dims });
    this.#values.set(name, { dataType: tensor.dataType, dims, data });
  }
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
