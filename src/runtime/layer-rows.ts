import type { Layer } from '../core/anatomy/types.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import { intAttribute } from '../core/onnx/graph/attributes.ts';
import type { Node } from '../core/onnx/types.ts';
import { elementCount } from '../core/tensor/data-type.ts';
import type { Value } from '../core/tensor/values.ts';
import { patchesOf } from './patches.ts';
import { toFloats } from './values.ts';

/** X [rows, columns] as a layer's weight sees it: y = X·Wᵀ. */
export interface Rows {
  readonly x: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The input of a layer as rows: all leading dimensions of a MatMul input flattened, a transposed
 * Gemm input turned, a Conv input unfolded to patches. `mask` (one number per leading position, 0 =
 * padding) drops rows; it is ignored where rows are not positions. The result may share memory with
 * the value. Throws `activations-shape` when the value is not this layer's input.
 */
export function layerRows(layer: Layer, node: Node, value: Value, mask?: Uint8Array): Rows {
  const rows = unmaskedRows(layer, node, value);
  if (rows.columns !== layer.inFeatures) throw wrongColumns(layer, value);
  return withoutPadding(rows, mask);
}

/** Any value as rows: all leading dimensions flattened. `mask` as in {@link layerRows}. */
export function valueRows(value: Value, mask?: Uint8Array): Rows {
  return withoutPadding(flattened(value), mask);
}

/**
 * Any value as rows with a column for each place along the axes `channels`, ascending; the other axes count rows.
 * `mask` as in {@link layerRows}.
 */
export function channelRows(value: Value, channels: readonly number[], mask?: Uint8Array): Rows {
  const { dims } = value;
  const from = toFloats(value);
  const strides = turnedStrides(dims, channels);
  const columns = elementCount(channels.map((axis) => dims[axis]));
  const x = new Float32Array(from.length);
  const place = dims.map(() => 0);
  let to = 0;
  for (const number of from) {
    x[to] = number;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      to += strides[axis];
      if (++place[axis] < dims[axis]) break;
      to -= strides[axis] * dims[axis];
      place[axis] = 0;
    }
  }
  return withoutPadding({ x, rows: columns === 0 ? 0 : x.length / columns, columns }, mask);
}

/** By axis: how far one place along it is apart once the axes `last` lie behind all others. */
function turnedStrides(dims: readonly number[], last: readonly number[]): readonly number[] {
  const others = dims.map((_, axis) => axis).filter((axis) => !last.includes(axis));
  const strides = dims.map(() => 0);
  let step = 1;
  for (const axis of [...others, ...last].reverse()) {
    strides[axis] = step;
    step *= dims[axis];
  }
  return strides;
}

function unmaskedRows(layer: Layer, node: Node, value: Value): Rows {
  if (layer.op === 'Conv') return patchesOf(node, value);
  const turned = layer.op === 'Gemm' && intAttribute(node, 'transA', 0) === 1;
  return turned ? transposed(value, toFloats(value)) : flattened(value);
}

function flattened(value: Value): Rows {
  const x = toFloats(value);
  const columns = value.dims.at(-1) ?? 1;
  return { x, rows: columns === 0 ? 0 : x.length / columns, columns };
}

function withoutPadding(rows: Rows, mask: Uint8Array | undefined): Rows {
  return mask !== undefined && mask.length === rows.rows && mask.includes(0)
    ? keepRows(rows, mask)
    : rows;
}

function transposed({ dims }: Value, x: Float32Array): Rows {
  const [columns = 0, rows = 0] = dims;
  const turned = new Float32Array(x.length);
  for (let c = 0; c < columns; c++) {
    for (let r = 0; r < rows; r++) turned[r * columns + c] = x[c * rows + r];
  }
  return { x: turned, rows, columns };
}

function keepRows({ x, rows, columns }: Rows, mask: Uint8Array): Rows {
  const kept = mask.reduce((sum, keep) => sum + Number(keep !== 0), 0);
  const packed = new Float32Array(kept * columns);
  let to = 0;
  for (let r = 0; r < rows; r++) {
    if (mask[r] === 0) continue;
    packed.set(x.subarray(r * columns, (r + 1) * columns), to);
    to += columns;
  }
  return { x: packed, rows: kept, columns };
}

function wrongColumns(layer: Layer, value: Value): LatheError {
  return new LatheError(
    'activations-shape',
    `The value "${layer.input}" has shape [${value.dims.join(', ')}], but the layer "${layer.name}" reads rows of ${layer.inFeatures}; leave this layer out of the recipe.`,
    { layer: layer.name },
  );
}
