import { intAttribute, subgraphs } from '../onnx/graph/attributes.ts';
import type { Graph, Model, Node } from '../onnx/types.ts';

/**
 * How a product with stored weights is computed. `integer`: products of whole numbers. `dequantized`: codes become
 * floating point each time, in the kernel or right in front of it. `unpacked`: they become floating point once, when the file
 * is opened. `float`: the file holds floating point.
 */
export const ARITHMETICS = ['integer', 'dequantized', 'unpacked', 'float'] as const;
export type Arithmetic = (typeof ARITHMETICS)[number];

/** Kernels of the linear layers of one model on one device. */
export interface Kernels {
  /** `session`: of the graph that the device's own session had optimized. `file`: what it has to make of the file. */
  readonly from: 'session' | 'file';
  /** Operators with stored weights, and how many of each there are. */
  readonly operators: Readonly<Record<string, number>>;
  /** Layers by how they are computed; kinds without a layer are absent. */
  readonly layers: Readonly<Partial<Record<Arithmetic, number>>>;
}

/** Kernels by name; what MatMul, Gemm and Conv do depends on what they read. */
const KNOWN: Readonly<Record<string, Arithmetic>> = {
  MatMulInteger: 'integer',
  MatMulIntegerToFloat: 'integer',
  DynamicQuantizeMatMul: 'integer',
  QLinearMatMul: 'integer',
  QGemm: 'integer',
  ConvInteger: 'integer',
  QLinearConv: 'integer',
  MatMulBnb4: 'dequantized',
  MatMulFpQ4: 'dequantized',
};

/** Products whose second operand is the weight; a convolution may be fused with what follows it. */
const PRODUCTS = new Set(['MatMul', 'Gemm', 'Conv', 'FusedMatMul', 'FusedGemm', 'FusedConv']);

/** Inputs rounded to int8 are products of whole numbers, all other levels multiply floating point. */
const INT8_INPUTS = 4;

/** Where a value comes from, of a graph and those around it. */
interface Scope {
  readonly initializers: ReadonlySet<string>;
  readonly makers: ReadonlyMap<string, Node>;
  readonly outer?: Scope;
}

type Found = readonly [operator: string, how: Arithmetic];

/** What computes the linear layers of a file: nodes that multiply by what follows from stored tensors alone. */
export function kernelsOfFile({ graph }: Model): Kernels {
  return kernels(
    'file',
    found(graph, (node, scope) => arithmeticOf(node, scope, true)),
  );
}

/**
 * The same of the graph that a session made of that file. Weights that the file does not hold were computed on opening:
 * from codes as many as the file has, else from the same numbers in another type or order.
 */
export function kernelsOfSession(optimized: Model, file: Model): Kernels {
  const held = new Set(namesIn(file.graph));
  let codes = kernelsOfFile(file).layers.unpacked ?? 0;
  const seen = found(optimized.graph, (node, scope) => arithmeticOf(node, scope, false, held));
  return kernels(
    'session',
    seen.map(([operator, how]) => [operator, how === 'unpacked' && codes-- <= 0 ? 'float' : how]),
  );
}

function kernels(from: Kernels['from'], layers: readonly Found[]): Kernels {
  return {
    from,
    operators: counted(layers.map(([operator]) => operator)),
    layers: counted(layers.map(([, how]) => how)),
  };
}

function found(
  graph: Graph,
  how: (node: Node, scope: Scope) => Arithmetic | undefined,
): readonly Found[] {
  const layers: Found[] = [];
  visit(graph, undefined, (node, scope) => {
    const arithmetic = how(node, scope);
    if (arithmetic !== undefined) layers.push([node.opType, arithmetic]);
  });
  return layers;
}

function visit(
  graph: Graph,
  outer: Scope | undefined,
  see: (node: Node, scope: Scope) => void,
): void {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const initializers = new Set(graph.initializers.map(({ name }) => name));
  const scope = { initializers, makers, ...(outer && { outer }) };
  for (const node of graph.nodes) {
    see(node, scope);
    for (const body of subgraphs(node)) visit(body, scope, see);
  }
}

/** `pairs`: whether what dequantizes both operands is still to become one product of whole numbers. */
function arithmeticOf(
  node: Node,
  scope: Scope,
  pairs: boolean,
  held?: ReadonlySet<string>,
): Arithmetic | undefined {
  const { opType, inputs } = node;
  if (opType === 'MatMulNBits') {
    return intAttribute(node, 'accuracy_level', 0) === INT8_INPUTS ? 'integer' : 'dequantized';
  }
  if (Object.hasOwn(KNOWN, opType)) return KNOWN[opType];
  if (!PRODUCTS.has(opType)) return undefined;
  const [input = '', weight = ''] = inputs;
  const path = storedPath(weight, scope);
  // What multiplies two stored tensors makes a weight.
  if (path === undefined || storedPath(input, scope) !== undefined) return undefined;
  if (path.length === 0) return held?.has(weight) === false ? 'unpacked' : 'float';
  if (!path.includes('DequantizeLinear')) return path.every(isLayout) ? 'float' : 'unpacked';
  return pairs && isRounded(input, scope) ? 'integer' : 'dequantized';
}

/** Operators between stored tensors and a value; undefined where it depends on anything else. */
function storedPath(value: string, scope: Scope): string[] | undefined {
  const place = placeOf(value, scope);
  if (place === undefined) return undefined;
  if (place.node === undefined) return [];
  const path = [place.node.opType];
  for (const input of place.node.inputs.filter((name) => name !== '')) {
    const before = storedPath(input, place.scope);
    if (before === undefined) return undefined;
    path.push(...before);
  }
  return path;
}

function placeOf(value: string, scope: Scope): { node?: Node; scope: Scope } | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.initializers.has(value)) return { scope: at };
    const node = at.makers.get(value);
    if (node !== undefined) return { node, scope: at };
  }
  return undefined;
}

/** Dequantized codes of rounded inputs: onnxruntime makes one product of whole numbers of both. */
function isRounded(value: string, scope: Scope): boolean {
  const place = placeOf(value, scope);
  if (place?.node?.opType !== 'DequantizeLinear') return false;
  const codes = placeOf(place.node.inputs[0], place.scope)?.node?.opType;
  return codes === 'QuantizeLinear' || codes === 'DynamicQuantizeLinear';
}

/** Numbers stay as they are. */
function isLayout(operator: string): boolean {
  return ['Transpose', 'Reshape', 'Identity', 'Cast', 'Constant'].includes(operator);
}

function namesIn(graph: Graph): string[] {
  const inner = graph.nodes.flatMap((node) => subgraphs(node).flatMap(namesIn));
  return [...graph.initializers.map(({ name }) => name), ...inner];
}

function counted(items: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return Object.fromEntries(counts);
}
