import { differentiate, type Differentiation } from '../../src/core/autodiff/differentiate.ts';
import { Emitter } from '../../src/core/autodiff/emitter.ts';
import { staticValues } from '../../src/core/autodiff/static-values.ts';
import type { AttributeInputs } from '../../src/core/onnx/graph/make.ts';
import {
  makeGraph,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
} from '../../src/core/onnx/graph/make.ts';
import type { Model, Tensor, ValueInfo } from '../../src/core/onnx/types.ts';
import { DataType, elementCount, type DataTypeName } from '../../src/core/tensor/data-type.ts';
import { interpret } from './interpret/interpret.ts';
import { f64, isFloat, type F64Value } from './interpret/value.ts';

/** One input of a node under test. Floats are graph inputs, everything else is a constant. */
export interface CaseInput {
  readonly dims: readonly number[];
  readonly values: readonly number[];
  /** float64 unless stated. */
  readonly type?: DataTypeName;
  /** Stored in the graph, and no gradient is asked for. */
  readonly constant?: boolean;
}

/** One node, its inputs (null: omitted), and how many outputs have an upstream gradient. */
export interface NodeCase {
  readonly operator: string;
  readonly domain?: string;
  readonly opset?: number;
  readonly attributes?: AttributeInputs;
  readonly inputs: readonly (CaseInput | null)[];
  readonly outputs?: number;
}

/** Numbers that look random but are always the same, kept away from `avoid` by 0.05. */
export function numbers(count: number, seed = 1, low = -1, high = 1): number[] {
  return Array.from({ length: count }, (_, k) => {
    const s = Math.sin(12.9898 * (k + 1) + 78.233 * seed) * 43758.5453;
    return low + (s - Math.floor(s)) * (high - low);
  });
}

/** A float input of such numbers. */
export function noise(dims: readonly number[], seed = 1, low = -1, high = 1): CaseInput {
  return { dims, values: numbers(elementCount(dims), seed, low, high) };
}

export function constant(
  dims: readonly number[],
  values: readonly number[],
  type: DataTypeName = 'int64',
): CaseInput {
  return { dims, values, type, constant: true };
}

export const integers = (...values: readonly number[]): CaseInput =>
  constant([values.length], values);

const typeOf = ({ type = 'float64' }: CaseInput): number => DataType[type];

/** The same case in float32, as onnxruntime runs it. */
export function inFloat32(test: NodeCase): NodeCase {
  const narrow = (input: CaseInput | null): CaseInput | null =>
    input && typeOf(input) === DataType.float64 ? { ...input, type: 'float32' } : input;
  return { ...test, inputs: test.inputs.map(narrow) };
}

const isFed = (input: CaseInput): boolean => isFloat(typeOf(input)) && !input.constant;

/** The case as a model of one node: float inputs x0, x1 …, outputs y0, y1 … */
export function caseModel(test: NodeCase): Model {
  const { operator, domain, opset = 18, attributes, inputs, outputs = 1 } = test;
  const names = inputs.map((input, i) => (input === null ? '' : `x${i}`));
  const made = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const node = makeNode(operator, names, made, attributes, domain, 'node');
  const infos: ValueInfo[] = [];
  const stored: Tensor[] = [];
  inputs.forEach((input, i) => {
    if (input === null) return;
    if (isFed(input)) infos.push(makeValueInfo(names[i], typeOf(input), input.dims));
    else stored.push(tensorOf(names[i], input));
  });
  const graph = makeGraph({
    nodes: [node],
    inputs: infos,
    initializers: stored,
    outputs: made.map((name) => ({ name })),
  });
  return makeModel(graph, { '': opset, 'com.microsoft': 1 });
}

function tensorOf(name: string, input: CaseInput): Tensor {
  const { dims, values, type = 'float64' } = input;
  if (type === 'float64') return makeTensor(name, dims, Float64Array.from(values));
  if (type === 'float32') return makeTensor(name, dims, Float32Array.from(values));
  if (type === 'int64') return makeTensor(name, dims, BigInt64Array.from(values, BigInt));
  const bytes = type === 'int8' ? Int8Array.from(values) : Uint8Array.from(values);
  return makeTensor(name, dims, {
    dataType: DataType[type],
    bytes: new Uint8Array(bytes.buffer),
  });
}

/** What the case feeds. */
export function caseFeeds({ inputs }: NodeCase): Record<string, F64Value> {
  const fed = inputs.flatMap((input, i) =>
    input !== null && isFed(input)
      ? [[`x${i}`, f64(input.dims, input.values, typeOf(input))] as const]
      : [],
  );
  return Object.fromEntries(fed);
}

export interface Backward {
  /** Forward and backward nodes, with the upstream gradients as further inputs. */
  readonly model: Model;
  readonly result: Differentiation;
}

/** The model with the backward nodes for Σ seeds; `seeds` maps a value to the input that is its ∂L. */
export function withBackward(
  model: Model,
  seeds: Readonly<Record<string, string>>,
  wanted: readonly string[],
): Backward {
  const forward = staticValues(model);
  const emit = new Emitter(forward, 'd/');
  const infos = Object.entries(seeds).map(([value, seed]) => {
    const type = forward.type(value);
    if (!type) throw new Error(`The size of "${value}" is not known.`);
    emit.declare(seed, type);
    return makeValueInfo(seed, type.dataType, type.dims);
  });
  const { graph } = model;
  const result = differentiate(graph, new Map(Object.entries(seeds)), wanted, emit);
  const whole = {
    ...graph,
    nodes: [...graph.nodes, ...emit.nodes],
    initializers: [...graph.initializers, ...emit.initializers],
    inputs: [...graph.inputs, ...infos],
    outputs: [...result.gradients.values()].map((name) => ({ name })),
  };
  return { model: { ...model, graph: whole }, result };
}

/** ∂L/∂x for every wanted value, by the interpreter, for L = Σ seedₖ ⊙ valueₖ. */
export function gradientsOf(
  model: Model,
  feeds: Readonly<Record<string, F64Value>>,
  upstream: Readonly<Record<string, F64Value>>,
  wanted: readonly string[],
): Map<string, F64Value> {
  const seeds = Object.fromEntries(Object.keys(upstream).map((value) => [value, `d ${value}`]));
  const { model: whole, result } = withBackward(model, seeds, wanted);
  const seedFeeds = Object.entries(upstream).map(([value, v]) => [`d ${value}`, v] as const);
  const values = interpret(whole, { ...feeds, ...Object.fromEntries(seedFeeds) });
  return new Map(
    [...result.gradients].map(([value, name]) => {
      const found = values.get(name);
      if (!found) throw new Error(`Nothing made "${name}".`);
      return [value, found];
    }),
  );
}

/**
 * ∂L/∂x by central differences (L(x + h) − L(x − h))/2h with h = 6·10⁻⁶ ≈ ∛ε, where rounding and
 * curvature both leave about 10⁻¹⁰.
 */
export function differences(
  model: Model,
  feeds: Readonly<Record<string, F64Value>>,
  upstream: Readonly<Record<string, F64Value>>,
  wanted: string,
): Float64Array {
  const loss = (data: Float64Array): number => {
    const values = interpret(model, { ...feeds, [wanted]: { ...feeds[wanted], data } });
    return Object.entries(upstream).reduce((sum, [name, { data: dy }]) => {
      const y = values.get(name);
      if (y?.data.length !== dy.length) throw new Error(`"${name}" has another size.`);
      return y.data.reduce((total, value, i) => total + value * dy[i], sum);
    }, 0);
  };
  const step = 6e-6;
  const { data } = feeds[wanted];
  return data.map(
    (value, i) =>
      (loss(data.with(i, value + step)) - loss(data.with(i, value - step))) / (2 * step),
  );
}

/** ‖a − b‖∞ relative to the larger of 1 and ‖b‖∞. */
export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  let size = 1;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i] - b[i]);
    if (Number.isNaN(d)) return Infinity;
    worst = Math.max(worst, d);
    size = Math.max(size, Math.abs(b[i]));
  }
  return worst / size;
}
