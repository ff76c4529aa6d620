import { attribute, tensorAttribute } from '../../../src/core/onnx/graph/attributes.ts';
import { topologicalOrder } from '../../../src/core/onnx/graph/topology.ts';
import { canonicalDomain } from '../../../src/core/onnx/operators/table.ts';
import type { Model, Node } from '../../../src/core/onnx/types.ts';
import { convolution } from './convolution.ts';
import { elementwise } from './elementwise.ts';
import { gathering } from './gather.ts';
import { Call, type Kernel, type Kernels } from './kernel.ts';
import { layout } from './layout.ts';
import { normalization } from './normalization.ts';
import { products } from './products.ts';
import { quantization } from './quantization.ts';
import { reduction } from './reduction.ts';
import { f64FromTensor, generate, longs, type F64Value } from './value.ts';

const constant: Kernel = ({ node }) => {
  const tensor = tensorAttribute(node, 'value');
  if (tensor) return f64FromTensor(tensor);
  const ints = attribute(node, 'value_ints') ?? attribute(node, 'value_int');
  if (ints?.kind === 'ints') return longs([ints.value.length], ints.value.map(Number));
  if (ints?.kind === 'int') return longs([], [Number(ints.value)]);
  const floats = attribute(node, 'value_floats') ?? attribute(node, 'value_float');
  if (floats?.kind === 'float') return generate(1, [], () => floats.value);
  if (floats?.kind !== 'floats') throw new Error('A Constant of this kind is not interpreted.');
  return generate(1, [floats.value.length], (i) => floats.value[i]);
};

const constantOfShape: Kernel = (call) => {
  const tensor = tensorAttribute(call.node, 'value');
  const fill = tensor ? f64FromTensor(tensor) : generate(1, [1], () => 0);
  return generate(fill.dataType, [...call.input(0).data], () => fill.data[0]);
};

const KERNELS: Kernels = {
  ...elementwise,
  ...products,
  ...convolution,
  ...layout,
  ...gathering,
  ...reduction,
  ...normalization,
  ...quantization,
  Constant: constant,
  ConstantOfShape: constantOfShape,
};

/** Whether the interpreter knows an operator at all. */
export const isInterpreted = (opType: string): boolean => opType in KERNELS;

export type Feeds = Readonly<Record<string, F64Value>>;

/**
 * Runs a model's graph node by node in float64 with plain loops: the reference that gradients are
 * checked on. Returns every value of the graph by name (outputs included). Throws for an operator it does not
 * know; graphs inside graphs are not interpreted.
 */
export function interpret(model: Model, feeds: Feeds): Map<string, F64Value> {
  const { graph } = model;
  const values = new Map<string, F64Value>();
  for (const tensor of graph.initializers) values.set(tensor.name, f64FromTensor(tensor));
  for (const [name, value] of Object.entries(feeds)) values.set(name, value);
  for (const { name } of graph.inputs) {
    if (!values.has(name)) throw new Error(`The input "${name}" was not fed.`);
  }
  const opsets = new Map(model.opsets.map((o) => [canonicalDomain(o.domain), o.version]));
  for (const node of topologicalOrder(graph.nodes)) {
    runNode(node, opsets.get(canonicalDomain(node.domain)) ?? 1, values);
  }
  return values;
}

function runNode(node: Node, opset: number, values: Map<string, F64Value>): void {
  const kernel = KERNELS[node.opType] as Kernel | undefined;
  if (!kernel) throw new Error(`The operator ${node.opType} is not interpreted.`);
  const inputs = node.inputs.map((name) => {
    if (name === '') return undefined;
    const value = values.get(name);
    if (!value) throw new Error(`Node "${node.name}" reads "${name}", which nothing made.`);
    return value;
  });
  const made = kernel(new Call(node, opset, inputs));
  const outputs = Array.isArray(made) ? (made as readonly F64Value[]) : [made as F64Value];
  node.outputs.forEach((name, k) => {
    if (name !== '') values.set(name, outputs[k]);
  });
}
