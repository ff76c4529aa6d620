import { beginningAtHand } from '../onnx/at-hand.ts';
import type { Node, Tensor } from '../onnx/types.ts';
import { bitsPerElement, DataType } from '../tensor/data-type.ts';
import { isOp } from './operators.ts';
import type { GraphView } from './view.ts';
import { walk } from './walk.ts';

/**
 * True when what is added to or selects the scores before the softmax is a triangle: Trilu, a
 * comparison of positions with positions, or a constant matrix whose upper triangle alone is masked.
 */
export function isCausalMask(view: GraphView, softmax: Node, scores: Node): boolean {
  let causal = false;
  walk(softmax.inputs, (value) => {
    const tensor = view.tensor(value);
    if (tensor) {
      causal ||= isTriangle(tensor);
      return causal ? 'done' : [];
    }
    const node = view.maker(value);
    if (!node || node === scores || isOp(node, 'MatMul', 'Gemm', 'Shape', 'Conv')) return [];
    causal ||= isOp(node, 'Trilu') || comparesPositions(view, node);
    return causal ? 'done' : node.inputs;
  });
  return causal;
}

const COMPARISONS = ['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'];

/** A comparison with a single constant (a relative-position bucket, a threshold) is no triangle. */
function comparesPositions(view: GraphView, node: Node): boolean {
  return isOp(node, ...COMPARISONS) && node.inputs.every((value) => !isScalar(view, value));
}

function isScalar(view: GraphView, value: string): boolean {
  const dims = view.tensor(value)?.dims;
  return dims !== undefined && dims.every((d) => d === 1);
}

/** Looks at the leading corner of the last two axes only: enough to tell a triangle from a padding mask. */
export const CORNER = 32;

function isTriangle(tensor: Tensor): boolean {
  const [rows, columns] = tensor.dims.slice(-2);
  return isCorner(tensor, Math.min(rows, CORNER), columns);
}

/** Whether the first row can be that of a triangle; what {@link isCausalMask} needs of the rest is its corner. */
export function beginsAsTriangle(tensor: Tensor): boolean {
  return isCorner(tensor, 1, tensor.dims[tensor.dims.length - 1]);
}

/** The first `count` rows hold one value up to the diagonal and another behind it. */
function isCorner(tensor: Tensor, count: number, columns: number): boolean {
  const [rows] = tensor.dims.slice(-2);
  if (tensor.dims.length < 2 || rows < 2 || rows !== columns) return false;
  const at = reader(tensor, count * columns);
  if (!at) return false;
  const allowed = at(0);
  const masked = at(1);
  if (allowed === masked) return false;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < Math.min(columns, CORNER); j++) {
      if (at(i * columns + j) !== (j > i ? masked : allowed)) return false;
    }
  }
  return true;
}

/** The first `count` elements, where so many are at hand. */
function reader(tensor: Tensor, count: number): ((index: number) => number) | undefined {
  const { bool, uint8, float32, float16 } = DataType;
  const bytes = beginningAtHand(tensor.data);
  const { dataType } = tensor;
  if (!bytes || bytes.byteLength < (count * bitsPerElement(dataType)) / 8) return undefined;
  if (dataType === bool || dataType === uint8) return (index) => bytes[index];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dataType === float32) return (index) => view.getFloat32(index * 4, true);
  // Only compared with each other, so the bits will do.
  return dataType === float16 ? (index) => view.getUint16(index * 2, true) : undefined;
}
