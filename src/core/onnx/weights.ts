import { DataType, elementCount } from '../tensor/data-type.ts';
import type { Graph, Node, Tensor } from './types.ts';

/** One place where a tensor is read: input `index` of `node`. */
export interface TensorUse {
  readonly node: Node;
  readonly index: number;
}

/** A constant tensor of the model: an initializer, or the value of a Constant node. */
export interface ConstantTensor {
  /** Name of the value it gives. */
  readonly name: string;
  readonly tensor: Tensor;
  readonly uses: readonly TensorUse[];
}

/** All constant tensors of a graph and the graphs inside it, with where they are read. Names are taken to be unique. */
export function constantTensors(graph: Graph): readonly ConstantTensor[] {
  const uses = new Map<string, TensorUse[]>();
  const tensors: [string, Tensor][] = [];
  collect(graph, tensors, uses);
  return tensors.map(([name, tensor]) => ({ name, tensor, uses: uses.get(name) ?? [] }));
}

function collect(graph: Graph, tensors: [string, Tensor][], uses: Map<string, TensorUse[]>): void {
  for (const tensor of graph.initializers) tensors.push([tensor.name, tensor]);
  for (const node of graph.nodes) {
    node.inputs.forEach((name, index) => {
      if (name === '') return;
      const list = uses.get(name);
      if (list) list.push({ node, index });
      else uses.set(name, [{ node, index }]);
    });
    for (const { kind, value } of node.attributes) {
      if (kind === 'tensor' && node.opType === 'Constant') tensors.push([node.outputs[0], value]);
      else if (kind === 'graph') collect(value, tensors, uses);
      else if (kind === 'graphs') for (const inner of value) collect(inner, tensors, uses);
    }
  }
}

/** Inputs of quantized operators that hold weights; their other inputs are scales, zero points and the like. */
const WEIGHT_INPUTS: Readonly<Record<string, readonly number[]>> = {
  DequantizeLinear: [0],
  QuantizeLinear: [0],
  MatMulNBits: [1, 5],
  MatMulBnb4: [1],
  GatherBlockQuantized: [0],
  MatMulInteger: [0, 1],
  ConvInteger: [0, 1],
  QLinearMatMul: [0, 3],
  QLinearConv: [0, 3, 8],
  QGemm: [0, 3, 6],
  DynamicQuantizeMatMul: [1, 4],
  MatMulIntegerToFloat: [1, 6],
};

/** Operators that hand quantized weights on to the one that dequantizes them. */
const PASS_ON = new Set(['Gather', 'Transpose', 'Reshape', 'Identity']);

const FLOATS = new Set<number>([
  DataType.float32,
  DataType.float64,
  DataType.float16,
  DataType.bfloat16,
  DataType.float8e4m3fn,
  DataType.float8e4m3fnuz,
  DataType.float8e5m2,
  DataType.float8e5m2fnuz,
  DataType.float4e2m1,
]);
const NARROW = new Set<number>([
  DataType.int8,
  DataType.uint8,
  DataType.int4,
  DataType.uint4,
  DataType.int2,
  DataType.uint2,
]);

/** True for the types weights are trained or stored in as numbers. */
export function isFloat(dataType: number): boolean {
  return FLOATS.has(dataType);
}

/** True for the whole-number types that quantized weights are stored in. */
export function isNarrow(dataType: number): boolean {
  return NARROW.has(dataType);
}

/**
 * How many of the model's parameters a constant tensor holds. Floats count where an operator computes
 * with them, integers where a quantized operator takes them as weight, packed ones by what they unpack
 * to (MatMulNBits: K·N). Scales, zero points, shapes, indices, single constants and unused tensors do not count.
 */
export function parametersOf({ tensor, uses }: ConstantTensor): number {
  const elements = elementCount(tensor.dims);
  if (elements <= 1) return 0;
  return Math.max(0, ...uses.map((use) => parametersAt(use, tensor.dataType, elements)));
}

function parametersAt({ node, index }: TensorUse, dataType: number, elements: number): number {
  const weights = WEIGHT_INPUTS[node.opType];
  if (!weights) {
    const passedOn = NARROW.has(dataType) && PASS_ON.has(node.opType) && index === 0;
    return FLOATS.has(dataType) || passedOn ? elements : 0;
  }
  if (!weights.includes(index)) return 0;
  if (index === 1 && (node.opType === 'MatMulNBits' || node.opType === 'MatMulBnb4')) {
    return integerOf(node, 'K', 0) * integerOf(node, 'N', 0) || elements;
  }
  const packed = node.opType === 'GatherBlockQuantized' && dataType === DataType.uint8;
  return packed ? elements * (8 / integerOf(node, 'bits', 4)) : elements;
}

function integerOf(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes.find((candidate) => candidate.name === name);
  return attribute?.kind === 'int' ? Number(attribute.value) : fallback;
}
