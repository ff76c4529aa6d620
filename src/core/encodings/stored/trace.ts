import { intAttribute } from '../../onnx/graph/attributes.ts';
import type { GraphIndex } from '../../onnx/graph/index-graph.ts';
import type { Node, Tensor } from '../../onnx/types.ts';
import { isPassing, wantedLayout } from '../place.ts';
import type { MatrixLayout, WeightUse } from '../types.ts';
import type { Surroundings } from './types.ts';

const LONGEST_CHAIN = 16;

/** True for an operator of the standard set. */
export function isStandard(node: Node | undefined, ...types: readonly string[]): node is Node {
  return node !== undefined && isStandardDomain(node) && types.includes(node.opType);
}

function isStandardDomain({ domain }: Node): boolean {
  return domain === '' || domain === 'ai.onnx';
}

/** True for an operator of onnxruntime's own set. */
export function isMicrosoft(node: Node | undefined, ...types: readonly string[]): node is Node {
  return node?.domain === 'com.microsoft' && types.includes(node.opType);
}

/** An initializer, seen through Identity and Cast, and the type it is cast to. */
export function storedTensor(
  index: GraphIndex,
  value: string | undefined,
): { readonly tensor: Tensor; readonly elementType: number } | undefined {
  let current = value ?? '';
  let elementType: number | undefined;
  for (let steps = 0; steps < LONGEST_CHAIN; steps++) {
    const tensor = index.initializer(current);
    if (tensor) return { tensor, elementType: elementType ?? tensor.dataType };
    const node = index.producer(current)?.node;
    if (!isStandard(node, 'Identity', 'Cast')) return undefined;
    if (node.opType === 'Cast') elementType ??= intAttribute(node, 'to', 0);
    current = node.inputs[0];
  }
  return undefined;
}

/** Where a product, convolution or look-up takes a weight that the graph computes. */
export interface Operand {
  readonly op: WeightUse['op'];
  readonly slot: number;
  readonly input: string;
  /** The value behind Identity, Cast and Transpose, and the node that makes it. */
  readonly value: string;
  readonly maker: Node;
  /** How that value lies, and how the node wants its weight. */
  readonly lies: MatrixLayout;
  readonly wanted: MatrixLayout;
  /** The type it is cast to on the way, if it is. */
  readonly castTo?: number;
}

/** The weight operand of a node over a constant that is no initializer itself. */
export function weightOperand(around: Surroundings, node: Node): Operand | undefined {
  const op = operatorOf(node);
  if (op === undefined) return undefined;
  const slot = op === 'Gather' ? 0 : 1;
  const [input, weight] = [node.inputs[1 - slot], node.inputs[slot]];
  if (!input || !weight || !around.isConstant(weight)) return undefined;
  if (op !== 'Gather' && around.isConstant(input)) return undefined;
  const behind = behindPasses(around.index, weight);
  if (behind === undefined) return undefined;
  const { transposed, ...source } = behind;
  const wanted = wantedLayout(node);
  const lies = transposed === (wanted === 'out-in') ? 'in-out' : 'out-in';
  return { op, slot, input, ...source, wanted, lies };
}

function operatorOf(node: Node): WeightUse['op'] | undefined {
  if (isMicrosoft(node, 'FusedMatMul', 'TransposeMatMul')) {
    return ['transA', 'transBatchA', 'transBatchB'].some((a) => intAttribute(node, a, 0) !== 0)
      ? undefined
      : 'MatMul';
  }
  if (isStandard(node, 'MatMul')) return 'MatMul';
  if (isStandard(node, 'Gemm')) return intAttribute(node, 'transA', 0) === 0 ? 'Gemm' : undefined;
  if (isStandard(node, 'Conv')) return 'Conv';
  return isStandard(node, 'Gather') && intAttribute(node, 'axis', 0) === 0 ? 'Gather' : undefined;
}

function behindPasses(index: GraphIndex, weight: string) {
  let [value, transposed] = [weight, false];
  let castTo: number | undefined;
  for (let steps = 0; steps < LONGEST_CHAIN; steps++) {
    const maker = index.producer(value)?.node;
    if (maker === undefined) return undefined;
    if (!isPassing(maker)) {
      return { value, maker, transposed, ...(castTo !== undefined && { castTo }) };
    }
    if (maker.opType === 'Transpose') transposed = !transposed;
    if (maker.opType === 'Cast') castTo ??= intAttribute(maker, 'to', 0);
    [value] = maker.inputs;
  }
  return undefined;
}

/** The other factor of a product of two, and the one asked for. */
export function factors(
  { inputs }: Node,
  is: (value: string) => boolean,
): readonly [string, string] | undefined {
  if (inputs.length !== 2) return undefined;
  const [a, b] = inputs;
  if (is(a)) return [a, b];
  return is(b) ? [b, a] : undefined;
}
