import { floatAttribute, tensorAttribute } from '../onnx/graph/attributes.ts';
import type { Graph, Node, Tensor } from '../onnx/types.ts';
import { toFloat32 } from '../tensor/convert.ts';
import { DataType, elementCount } from '../tensor/data-type.ts';
import { isFused, isOp } from './operators.ts';
import { floatsOf, viewGraph, type GraphView } from './view.ts';

/** What onnxruntime and ONNX take for ε where a norm does not say it. */
const DEFAULTS: Readonly<Record<string, number>> = {
  LayerNormalization: 1e-5,
  SimplifiedLayerNormalization: 1e-5,
  RMSNormalization: 1e-5,
  SkipLayerNormalization: 1e-12,
  SkipSimplifiedLayerNormalization: 1e-12,
  EmbedLayerNormalization: 1e-12,
};

/**
 * ε of a graph's norms: the attribute of the first norm that is one operator, else the constant that is
 * added to a mean under a root. Undefined when there is neither. Seven digits, as float32 holds.
 */
export function normEpsilon(graph: Graph): number | undefined {
  const view = viewGraph(graph);
  for (const node of graph.nodes) {
    const found = ownEpsilon(node) ?? addedEpsilon(view, node);
    if (found !== undefined) return Number(found.toPrecision(7));
  }
  return undefined;
}

function ownEpsilon(node: Node): number | undefined {
  const fallback = isFused(node, node.opType) ? DEFAULTS[node.opType] : undefined;
  return fallback === undefined ? undefined : floatAttribute(node, 'epsilon', fallback);
}

/** c of mean(x²) + c. */
function addedEpsilon(view: GraphView, node: Node): number | undefined {
  if (!isOp(node, 'Add')) return undefined;
  const [mean, constant] = view.isConstant(node.inputs[0]) ? [1, 0] : [0, 1];
  const maker = view.maker(node.inputs[mean]);
  const tensor = view.tensor(node.inputs[constant]);
  if (maker === undefined || tensor === undefined || !isOp(maker, 'ReduceMean')) return undefined;
  const values = floatsOf(tensor);
  return values?.length === 1 ? values[0] : undefined;
}

/** How a model turns queries and keys by their positions. */
export interface Rotary {
  /** Radians per position of each pair of channels, headSize/2 of them. */
  readonly frequencies: readonly number[];
  /** Rows of its tables, Infinity when angles are computed. */
  readonly maxPositions: number;
}

/**
 * The rotary frequencies of a model with heads of `headSize` channels: from its table of sines (or
 * cosines) [positions, headSize/2 or headSize], whose second row holds the angles of one position, else from the
 * stored frequencies themselves, which fall from 1. Found by their numbers; undefined when neither is stored.
 * @see Su et al. 2021, arXiv:2104.09864, §3.2.2
 */
export async function rotaryOf(graph: Graph, headSize: number): Promise<Rotary | undefined> {
  const half = headSize / 2;
  const candidates = floatConstants(graph);
  for (const row of ['sin', 'cos'] as const) {
    for (const tensor of candidates) {
      const found = await tableOf(tensor, half, row);
      if (found !== undefined) return found;
    }
  }
  for (const tensor of candidates) {
    if (elementCount(tensor.dims) !== half || half < 2) continue;
    const frequencies = [...(await numbersOf(tensor, half))];
    if (fallsFromOne(frequencies)) return { frequencies, maxPositions: Infinity };
  }
  return undefined;
}

const FLOATS: readonly number[] = [DataType.float32, DataType.float16];

function floatConstants({ initializers, nodes }: Graph): Tensor[] {
  const stored = nodes.flatMap((node) =>
    isOp(node, 'Constant') ? (tensorAttribute(node, 'value') ?? []) : [],
  );
  return [...initializers, ...stored].filter(({ dataType }) => FLOATS.includes(dataType));
}

async function tableOf(
  tensor: Tensor,
  half: number,
  kind: 'sin' | 'cos',
): Promise<Rotary | undefined> {
  const dims = tensor.dims.filter((size, axis) => size !== 1 || axis >= tensor.dims.length - 2);
  const [rows, width] = dims;
  if (dims.length !== 2 || rows < 2 || (width !== half && width !== 2 * half)) return undefined;
  const values = await numbersOf(tensor, 2 * width);
  const [first, second] = [values.subarray(0, width), values.subarray(width)];
  const atZero = kind === 'sin' ? 0 : 1;
  const starts = first.every((value) => Math.abs(value - atZero) < 1e-6);
  if (!starts || Math.abs(second[0] - Math[kind](1)) > 1e-3) return undefined;
  const apart = width === 2 * half && half > 1 && second[0] === second[1] ? 2 : 1;
  const angle = kind === 'sin' ? Math.asin : Math.acos;
  const frequencies = Array.from({ length: half }, (_, i) => angle(second[i * apart]));
  return { frequencies, maxPositions: rows };
}

/** The first `count` numbers of a tensor. */
async function numbersOf({ dataType, data }: Tensor, count: number): Promise<Float32Array> {
  const bytes = await data.read(0, count * (dataType === DataType.float16 ? 2 : 4));
  return toFloat32(dataType, bytes, count);
}

function fallsFromOne(values: readonly number[]): boolean {
  return values[0] === 1 && values.every((v, i) => v > 0 && (i === 0 || v < values[i - 1]));
}
