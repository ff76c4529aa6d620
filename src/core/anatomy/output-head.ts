import { bitsPerElement } from '../tensor/data-type.ts';
import type { Node, Tensor } from '../onnx/types.ts';
import type { Linear } from './linear.ts';
import { isMove, isOp } from './operators.ts';
import type { Parts } from './parts.ts';
import type { Table } from './tables.ts';
import { walk } from './walk.ts';

/** Linear maps among `candidates` whose result is a graph output, at most biased, scaled or softmaxed. */
export function findHeads(
  parts: Parts,
  candidates: readonly Linear[],
  hiddenSize: number | undefined,
): Linear[] {
  return candidates.filter((linear) => {
    // A square map under a bare tanh is a pooler, which hands on a hidden state.
    const pools = linear.outFeatures === hiddenSize;
    return reachesOutput(parts, linear, !pools, candidates);
  });
}

function reachesOutput(
  { view }: Parts,
  linear: Linear,
  throughTanh: boolean,
  candidates: readonly Linear[],
): boolean {
  const alike = candidates.filter(({ outFeatures }) => outFeatures === linear.outFeatures);
  let reached = false;
  walk([linear.output], (value) => {
    reached ||= view.outputs.has(value);
    if (reached) return 'done';
    return view.uses(value).flatMap(({ node: index, slot }) => {
      const node = view.nodes[index];
      const goesOn =
        isPlain(node, slot) || scalesByConstant(view, node, slot) || joins(node, slot, alike);
      return goesOn || (throughTanh && isOp(node, 'Tanh')) ? node.outputs : [];
    });
  });
  return reached;
}

function isPlain(node: Node, slot: number): boolean {
  if (slot !== 0) return false;
  return isMove(node) || isOp(node, 'Softmax', 'LogSoftmax', 'Sigmoid', 'ArgMax', 'TopK', 'Gather');
}

/** Two heads that are averaged, as DeiT's for the class and for the distilled answer. */
function joins(node: Node, slot: number, heads: readonly Linear[]): boolean {
  return isOp(node, 'Add') && heads.some(({ output }) => output === node.inputs[1 - slot]);
}

function scalesByConstant(view: Parts['view'], node: Node, slot: number): boolean {
  return isOp(node, 'Add', 'Mul', 'Div', 'Sub') && view.isConstant(node.inputs[1 - slot]);
}

/** True for a head and a table that read the same initializer, plain or of codes. */
export function sharesWeight({ weight, stored }: Linear, table: Table): boolean {
  const [own, other] = [
    weight?.tensor ?? stored?.tensors[0],
    table.tensor ?? table.stored?.tensors[0],
  ];
  return own !== undefined && own === other;
}

/**
 * Whether an output head [vocabulary, width] holds the values of an embedding: the same initializer,
 * or equal bytes, also when one lies transposed. Undefined when bytes would have to be read first.
 */
export function isTied(head: Linear, table: Table): boolean | undefined {
  const weight = head.weight?.tensor;
  if (head.stored && table.stored) return sharesWeight(head, table);
  if (!weight || !table.tensor || !head.layout) return undefined;
  const sameSize = head.outFeatures === table.rows && head.inFeatures === table.width;
  if (!sameSize || weight.dataType !== table.tensor.dataType) return false;
  // `layout` says how the initializer itself lies, transposes in the graph included.
  const liesTransposed = head.layout === 'in-out';
  if (weight === table.tensor) return !liesTransposed;
  return sameBytes(table.tensor, weight, liesTransposed);
}

function sameBytes(a: Tensor, b: Tensor, transposed: boolean): boolean | undefined {
  const first = a.data.readSync?.();
  const second = b.data.readSync?.();
  const size = bitsPerElement(a.dataType) / 8;
  if (!first || !second || !Number.isInteger(size) || size === 0) return undefined;
  if (first.byteLength !== second.byteLength) return false;
  const [rows, columns] = a.dims;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * size;
      const to = transposed ? (column * rows + row) * size : from;
      for (let k = 0; k < size; k++) if (first[from + k] !== second[to + k]) return false;
    }
  }
  return true;
}
