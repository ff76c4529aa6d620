import { beginningAtHand } from '../onnx/at-hand.ts';
import { intsAttribute } from '../onnx/graph/attributes.ts';
import type { Node, Tensor } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import { isOp } from './operators.ts';
import { floatsOf } from './view.ts';
import type { GraphView } from './view.ts';

/** An initializer as a linear map sees it: perhaps through one or more transposes. */
export interface PlainWeight {
  readonly tensor: Tensor;
  /** True when the map sees the matrix transposed. */
  readonly transposed: boolean;
}

/**
 * The initializer a value holds, seen through Identity, Cast and matrix Transpose; undefined when
 * anything else stands between (dequantization, slicing, arithmetic): such a weight is not a plain one.
 */
export function plainWeight(view: GraphView, value: string): PlainWeight | undefined {
  let transposed = false;
  let current = value;
  for (let steps = 0; steps < 16; steps++) {
    const tensor = view.initializer(current);
    if (tensor) return { tensor, transposed };
    const node = view.maker(current);
    if (!node) return undefined;
    if (isOp(node, 'Transpose') && swapsMatrix(node)) transposed = !transposed;
    else if (!isOp(node, 'Identity', 'Cast')) return undefined;
    current = node.inputs[0];
  }
  return undefined;
}

/** The default permutation reverses the axes, which swaps those of a matrix. */
function swapsMatrix(node: Node): boolean {
  const perm = intsAttribute(node, 'perm');
  return perm === undefined || (perm.length === 2 && perm[0] === 1 && perm[1] === 0);
}

/** A permutation matrix this small costs nothing; a larger square matrix is never tested. */
export const LARGEST_PERMUTATION = 512;

/**
 * True for a square matrix whose rows and columns each hold exactly one ±1 and zeros otherwise:
 * it moves channels about (rotary embeddings written as a product) and is no trained weight.
 */
export function isSignedPermutation(tensor: Tensor): boolean {
  const [rows, columns] = tensor.dims;
  if (tensor.dims.length !== 2 || rows !== columns || rows > LARGEST_PERMUTATION) return false;
  const values = floatsOf(tensor);
  if (!values) return false;
  const seen = new Set<number>();
  for (let row = 0; row < rows; row++) {
    const column = onlyUnit(values.subarray(row * columns, (row + 1) * columns));
    if (column === undefined) return false;
    seen.add(column);
  }
  return seen.size === columns;
}

/** Whether the first row of a square float32 matrix, when at hand, can be that of a signed permutation. */
export function beginsAsPermutation({ dataType, dims, data }: Tensor): boolean {
  const bytes = dataType === DataType.float32 ? beginningAtHand(data) : undefined;
  if (bytes === undefined || bytes.byteLength < dims[1] * 4) return false;
  return onlyUnit(new Float32Array(bytes.slice(0, dims[1] * 4).buffer)) !== undefined;
}

function onlyUnit(row: Float32Array): number | undefined {
  let found: number | undefined;
  for (let column = 0; column < row.length; column++) {
    if (row[column] === 0) continue;
    if (Math.abs(row[column]) !== 1 || found !== undefined) return undefined;
    found = column;
  }
  return found;
}
