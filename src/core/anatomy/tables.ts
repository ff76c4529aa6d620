import { intAttribute } from '../onnx/graph/attributes.ts';
import { DataType } from '../tensor/data-type.ts';
import type { StoredWeight } from '../encodings/index.ts';
import type { StoredWeights } from './linear.ts';
import type { Node, Tensor } from '../onnx/types.ts';
import { isFused, isOp } from './operators.ts';
import { isRotation } from './rotary.ts';
import type { GraphView } from './view.ts';
import { plainWeight } from './weights.ts';

/** A look-up of rows: Gather(table, indices) on axis 0. */
export interface Table {
  readonly node: number;
  readonly indices: string;
  readonly output: string;
  readonly tensor?: Tensor;
  /** The table, where it is stored as codes. */
  readonly stored?: StoredWeight;
  readonly rows?: number;
  readonly width?: number;
  readonly obstacle?: string;
}

const FLOATING = new Set<number>([
  DataType.float32,
  DataType.float16,
  DataType.bfloat16,
  DataType.float64,
]);

/** Embedding look-ups: floating [rows, width] tables, gathered by rows, that are no rotary factors. */
export function findTables(view: GraphView, codes: StoredWeights): Table[] {
  const inside = new Set([...codes.values()].flatMap((stored) => stored.inside));
  return view.nodes.flatMap((node, index) => {
    if (inside.has(node.outputs[0])) return [];
    const stored = codes.get(node.outputs[0]);
    if (stored?.op === 'Gather') return storedTable(view, stored, index);
    const found = matchTable(view, node, index);
    return found ? [found] : [];
  });
}

function storedTable(view: GraphView, stored: StoredWeight, node: number): Table[] {
  const { input: indices, output, rows, columns: width } = stored;
  if (isRotaryTable(view, output)) return [];
  return [{ node, indices, output, stored, rows, width }];
}

function matchTable(view: GraphView, node: Node, index: number): Table | undefined {
  const gather = isOp(node, 'Gather') && intAttribute(node, 'axis', 0) === 0;
  const quantized = isFused(node, 'GatherBlockQuantized');
  if ((!gather && !quantized) || !view.isConstant(node.inputs[0])) return undefined;
  const base = { node: index, indices: node.inputs[1], output: node.outputs[0] };
  if (quantized) return { ...base, obstacle: `is already quantized (${node.opType})` };
  const weight = plainWeight(view, node.inputs[0]);
  if (!weight) return computedTable(view, base, node);
  const { tensor, transposed } = weight;
  if (tensor.dims.length !== 2 || !FLOATING.has(tensor.dataType)) return undefined;
  if (view.isConstant(node.inputs[1]) && view.tensor(node.inputs[1])?.dims.length === 0) {
    return undefined;
  }
  if (isRotaryTable(view, node.outputs[0])) return undefined;
  const [rows, width] = tensor.dims;
  const sized = { ...base, tensor, rows, width };
  return transposed ? { ...sized, obstacle: 'is transposed before its rows are looked up' } : sized;
}

function computedTable(
  view: GraphView,
  base: Pick<Table, 'node' | 'indices' | 'output'>,
  node: Node,
): Table | undefined {
  const maker = view.maker(node.inputs[0]);
  if (!maker || !isFused(maker, 'DequantizeLinear')) return undefined;
  return { ...base, obstacle: 'is already quantized (DequantizeLinear before its look-up)' };
}

/** Rotary tables (cos, sin by position) are gathered too, but end in the sum a·cos ± b·sin. */
export function isRotaryTable(view: GraphView, output: string): boolean {
  const open = [output];
  const seen = new Set(open);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { node: index } of view.uses(next)) {
      const node = view.nodes[index];
      if (isFused(node, 'RotaryEmbedding')) return true;
      if (isOp(node, 'Mul') && endsInRotation(view, node)) return true;
      if (
        !isOp(node, 'Unsqueeze', 'Cast', 'Concat', 'Reshape', 'Transpose', 'Squeeze', 'Identity')
      ) {
        continue;
      }
      for (const value of node.outputs) {
        if (seen.has(value)) continue;
        seen.add(value);
        open.push(value);
      }
    }
  }
  return false;
}

function endsInRotation(view: GraphView, product: Node): boolean {
  return view.uses(product.outputs[0]).some(({ node }) => isRotation(view, view.nodes[node]));
}
