import { floatAttribute, intAttribute, stringAttribute } from '../onnx/graph/attributes.ts';
import type { StoredWeight } from '../encodings/index.ts';
import type { Node } from '../onnx/types.ts';
import { isFused, isOp } from './operators.ts';
import type { GraphView } from './view.ts';
import { isSignedPermutation, plainWeight } from './weights.ts';
import type { PlainWeight } from './weights.ts';

/**
 * One linear map of the graph, whatever form its weight has. Those with a `weight` and no
 * `obstacle` become layers; the others still tell where attention and feed-forward parts are.
 */
export interface Linear {
  readonly node: number;
  readonly input: string;
  readonly output: string;
  readonly op?: 'MatMul' | 'Gemm' | 'Conv';
  readonly weight?: PlainWeight;
  /** The weight, where it is stored as codes. */
  readonly stored?: StoredWeight;
  readonly layout?: 'in-out' | 'out-in';
  readonly outFeatures?: number;
  readonly inFeatures?: number;
  readonly bias?: string;
  /** Why it is no layer, as the end of a sentence: "… is already quantized (MatMulNBits)". */
  readonly obstacle?: string;
}

/** Sizes of a value: a number per known dimension. */
export type DimsOf = (value: string) => readonly (number | undefined)[] | undefined;

/** All linear maps with a constant weight, in graph order. */
export function findLinears(view: GraphView, dimsOf: DimsOf, codes: StoredWeights): Linear[] {
  const inside = new Set([...codes.values()].flatMap((stored) => stored.inside));
  return view.nodes.flatMap((node, index) => {
    const stored = codes.get(node.outputs[0]);
    if (stored !== undefined)
      return stored.op === 'Gather' ? [] : [storedLinear(view, stored, index)];
    if (inside.has(node.outputs[0])) return [];
    const found = matchLinear(view, node, index, dimsOf);
    return found ? [found] : [];
  });
}

/** How weights are stored as codes, by the layer's output. */
export type StoredWeights = ReadonlyMap<string, StoredWeight>;

function storedLinear(view: GraphView, stored: StoredWeight, index: number): Linear {
  const { node, input, output, op, rows, columns, layout } = stored;
  const sizes = { outFeatures: rows, inFeatures: columns, layout };
  const known: Linear = {
    ...{ node: index, input, output, stored, ...sizes },
    ...(op !== 'Gather' && { op }),
  };
  return { ...known, bias: op === 'Conv' ? node.inputs[2] : biasOf(view, node, known) };
}

function matchLinear(
  view: GraphView,
  node: Node,
  index: number,
  dimsOf: DimsOf,
): Linear | undefined {
  const slots = operandSlots(node);
  if (!slots) return undefined;
  const [input, weightValue] = [node.inputs[slots.input], node.inputs[slots.weight]];
  if (!input || !weightValue || view.isConstant(input) || !view.isConstant(weightValue)) {
    return undefined;
  }
  const base = { node: index, input, output: node.outputs[0] };
  if (slots.quantized) {
    return { ...base, ...quantizedSizes(node, dimsOf(weightValue)), obstacle: ALREADY(node) };
  }
  const weight = plainWeight(view, weightValue);
  if (!weight) return computedWeight(view, base, node, weightValue, dimsOf);
  if (isSignedPermutation(weight.tensor)) return undefined;
  return isOp(node, 'Conv')
    ? convolution(view, base, node, weight)
    : product(view, base, node, weight);
}

const ALREADY = (node: Node): string => `is already quantized (${node.opType})`;

interface Slots {
  readonly input: number;
  readonly weight: number;
  readonly quantized?: boolean;
}

/** Where each operator that can be a linear map takes its input and its weight. */
function operandSlots(node: Node): Slots | undefined {
  if (isOp(node, 'MatMul', 'Gemm', 'Conv')) return { input: 0, weight: 1 };
  if (node.domain === 'com.microsoft' && /^(FusedMatMul|TransposeMatMul)$/.test(node.opType)) {
    return { input: 0, weight: 1 };
  }
  if (isOp(node, 'Einsum') && node.inputs.length === 2) return { input: 0, weight: 1 };
  if (isFused(node, 'MatMulNBits', 'MatMulBnb4', 'MatMulFpQ4', 'MatMulInteger', 'ConvInteger')) {
    return { input: 0, weight: 1, quantized: true };
  }
  if (isFused(node, 'MatMulIntegerToFloat', 'DynamicQuantizeMatMul', 'MatMulInteger16')) {
    return { input: 0, weight: 1, quantized: true };
  }
  if (isFused(node, 'QLinearMatMul', 'QLinearConv', 'QGemm')) {
    return { input: 0, weight: 3, quantized: true };
  }
  return undefined;
}

type Base = Pick<Linear, 'node' | 'input' | 'output'>;

function quantizedSizes(node: Node, dims: ReturnType<DimsOf>) {
  const outFeatures = intAttribute(node, 'N');
  const inFeatures = intAttribute(node, 'K');
  if (outFeatures !== undefined && inFeatures !== undefined) return { outFeatures, inFeatures };
  const transposed = intAttribute(node, 'transB', 0) === 1;
  return dims?.length === 2 ? matrixSizes(dims, transposed) : {};
}

function matrixSizes(dims: readonly (number | undefined)[], outIn: boolean) {
  const [first, second] = dims;
  return outIn
    ? { outFeatures: first, inFeatures: second }
    : { inFeatures: first, outFeatures: second };
}

/** A weight the graph computes from initializers: dequantization, unpacking, slicing, arithmetic. */
function computedWeight(
  view: GraphView,
  base: Base,
  node: Node,
  value: string,
  dimsOf: DimsOf,
): Linear | undefined {
  const dims = dimsOf(value);
  if (dims && dims.length < 2) return undefined;
  const maker = view.maker(value);
  const quantized = maker !== undefined && isFused(maker, 'DequantizeLinear');
  const obstacle = quantized
    ? 'is already quantized (DequantizeLinear before its product)'
    : `is computed in the graph (${maker?.opType ?? 'unknown'}) and not held as one initializer`;
  const sizes = dims?.length === 2 ? matrixSizes(dims, intAttribute(node, 'transB', 0) === 1) : {};
  return { ...base, ...sizes, obstacle };
}

/** A convolution is the linear map of its unfolded patches: [out, in/group·∏kernel]. */
function convolution(view: GraphView, base: Base, node: Node, weight: PlainWeight): Linear {
  const { dims } = weight.tensor;
  const bias = node.inputs[2] ? plainWeight(view, node.inputs[2])?.tensor.name : undefined;
  return {
    ...base,
    op: 'Conv',
    weight,
    layout: 'out-in',
    outFeatures: dims[0],
    inFeatures: dims.slice(1).reduce((product, d) => product * d, 1),
    bias,
  };
}

function product(view: GraphView, base: Base, node: Node, weight: PlainWeight): Linear {
  const { tensor, transposed } = weight;
  if (tensor.dims.length !== 2) {
    const shape = `[${tensor.dims.join(', ')}]`;
    return { ...base, weight, obstacle: `has the shape ${shape} where a matrix was expected` };
  }
  const outIn = transposed !== (intAttribute(node, 'transB', 0) === 1);
  const known: Linear = {
    ...base,
    op: isOp(node, 'Gemm') ? 'Gemm' : 'MatMul',
    weight,
    layout: outIn ? 'out-in' : 'in-out',
    ...matrixSizes(tensor.dims, outIn),
  };
  const obstacle = productObstacle(node);
  if (obstacle) return { ...known, obstacle };
  return { ...known, bias: biasOf(view, node, known) };
}

/** What makes a product more than y = x·Wᵀ (+ b): then it is not listed as a layer. */
function productObstacle(node: Node): string | undefined {
  if (isOp(node, 'Einsum')) {
    return `is used in an Einsum ("${stringAttribute(node, 'equation', '')}")`;
  }
  const scaled = floatAttribute(node, 'alpha', 1) !== 1;
  const scaledBias = Boolean(node.inputs[2]) && floatAttribute(node, 'beta', 1) !== 1;
  if (scaled || scaledBias) return `is used in a scaled ${node.opType} (alpha or beta is not 1)`;
  const flipped = ['transA', 'transBatchA', 'transBatchB'].some(
    (a) => intAttribute(node, a, 0) !== 0,
  );
  return flipped ? `is used in a ${node.opType} with a transposed input` : undefined;
}

/** Gemm's own C, or the vector that an Add right behind a product adds. */
function biasOf(view: GraphView, node: Node, linear: Linear): string | undefined {
  if (linear.op === 'Gemm' && node.inputs[2]) {
    return vectorInitializer(view, node.inputs[2], linear.outFeatures);
  }
  const uses = view.uses(linear.output);
  if (uses.length !== 1 || view.outputs.has(linear.output)) return undefined;
  const next = view.nodes[uses[0].node];
  if (!isOp(next, 'Add')) return undefined;
  return vectorInitializer(view, next.inputs[1 - uses[0].slot], linear.outFeatures);
}

function vectorInitializer(view: GraphView, value: string, length?: number): string | undefined {
  const tensor = plainWeight(view, value)?.tensor;
  return tensor?.dims.length === 1 && tensor.dims[0] === length ? tensor.name : undefined;
}
