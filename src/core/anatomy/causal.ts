import { DataType } from '../tensor/data-type.ts';
import type { Node, Tensor } from '../onnx/types.ts';
import { isOp } from './operators.ts';
import { floatsOf } from './view.ts';
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
const CORNER = 32;

function isTriangle(tensor: Tensor): boolean {
  const [rows, columns] = tensor.dims.slice(-2);
  if (tensor.dims.length < 2 || rows < 2 || rows !== columns) return false;
  const at = reader(tensor);
  if (!at) return false;
  const allowed = at(0);
  const masked = at(1);
  if (allowed === masked) return false;
  const n = Math.min(rows, CORNER);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (at(i * columns + j) !== (j > i ? masked : allowed)) return false;
    }
  }
  return true;
}

function reader(tensor: Tensor): ((index: number) => number) | undefined {
  if (tensor.dataType === DataType.bool || tensor.dataType === DataType.uint8) {
    const bytes = tensor.data.readSync?.();
    return bytes && ((index) => bytes[index]);
  }
  const values = floatsOf(tensor);
  return values && ((index) => values[index]);
}
