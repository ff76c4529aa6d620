import { elementCount } from '../../../tensor/data-type.ts';

/** Row-major strides: stride_i = ∏_{j>i} dims_j. */
export function stridesOf(dims: readonly number[]): readonly number[] {
  const strides = dims.map(() => 1);
  for (let axis = dims.length - 2; axis >= 0; axis--)
    strides[axis] = strides[axis + 1] * dims[axis + 1];
  return strides;
}

/** Maps each position of a tensor of `dims`, in row-major order. */
export function mapPositions<T>(
  dims: readonly number[],
  map: (position: readonly number[]) => T,
): T[] {
  const position = dims.map(() => 0);
  return Array.from({ length: elementCount(dims) }, () => {
    const result = map(position);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      if (++position[axis] < dims[axis]) break;
      position[axis] = 0;
    }
    return result;
  });
}

/** Row-major offset of a position. */
export function offsetOf(position: readonly number[], strides: readonly number[]): number {
  return position.reduce((offset, at, axis) => offset + at * strides[axis], 0);
}

/** Offset into a tensor of `dims` that is broadcast to the position's shape. */
export function broadcastOffset(position: readonly number[], dims: readonly number[]): number {
  const skip = position.length - dims.length;
  let offset = 0;
  dims.forEach((size, axis) => {
    offset = offset * size + (size === 1 ? 0 : position[axis + skip]);
  });
  return offset;
}
