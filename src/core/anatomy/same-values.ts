import { bitsPerElement } from '../tensor/data-type.ts';
import type { Tensor, TensorData } from '../onnx/types.ts';

/** Bytes of each of the two tensors that are in memory at a time. */
const PIECE = 1 << 23;
/** Places looked at before anything is read whole: weights that are not the same differ at once. */
const SAMPLES = 16;

/**
 * Whether a matrix [rows, columns] and another tensor hold the same bytes, the other lying transposed
 * ([columns, rows]) where `transposed`. Read piece by piece, so of any size; a few places first. Undefined
 * for elements that are no whole bytes, and where one has no bytes yet.
 */
export async function sameValues(
  matrix: Tensor,
  other: Tensor,
  transposed: boolean,
): Promise<boolean | undefined> {
  const size = bitsPerElement(matrix.dataType) / 8;
  if (!Number.isInteger(size) || size === 0) return undefined;
  if (matrix.data.planned || other.data.planned) return undefined;
  if (matrix.data.byteLength !== other.data.byteLength) return false;
  if (matrix.data === other.data) return !transposed;
  if (!transposed) return sameBytes(matrix.data, other.data);
  const shape = { rows: matrix.dims[0], columns: matrix.dims[1], size };
  return (
    (await sampled(matrix.data, other.data, shape)) &&
    (await eachTransposed(matrix.data, other.data, shape))
  );
}

interface Shape {
  readonly rows: number;
  readonly columns: number;
  /** Bytes of an element. */
  readonly size: number;
}

async function sameBytes(a: TensorData, b: TensorData): Promise<boolean> {
  // A small piece first, as a fingerprint.
  for (let offset = 0, length = 4096; offset < a.byteLength; offset += length, length = PIECE) {
    const count = Math.min(length, a.byteLength - offset);
    if (!equal(await a.read(offset, count), await b.read(offset, count))) return false;
  }
  return true;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

async function sampled(a: TensorData, b: TensorData, shape: Shape): Promise<boolean> {
  const { rows, columns, size } = shape;
  for (let k = 0; k < SAMPLES; k++) {
    const row = Math.floor((k * rows) / SAMPLES);
    const column = (k * 7 + 1) % columns;
    const mine = await a.read((row * columns + column) * size, size);
    if (!equal(mine, await b.read((column * rows + row) * size, size))) return false;
  }
  return true;
}

/** Some rows of the one beside the stripe of the other that holds them as columns. */
async function eachTransposed(a: TensorData, b: TensorData, shape: Shape): Promise<boolean> {
  const { rows, columns, size } = shape;
  const step = Math.max(1, Math.floor(PIECE / (columns * size)));
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const block = await a.read(first * columns * size, count * columns * size);
    for (let column = 0; column < columns; column++) {
      const stripe = await b.read((column * rows + first) * size, count * size);
      if (!isColumn(block, stripe, column, shape)) return false;
    }
  }
  return true;
}

function isColumn(
  block: Uint8Array,
  stripe: Uint8Array,
  column: number,
  { columns, size }: Shape,
): boolean {
  for (let at = 0, from = column * size; at < stripe.length; at += size, from += columns * size) {
    for (let k = 0; k < size; k++) if (block[from + k] !== stripe[at + k]) return false;
  }
  return true;
}
