import { elementCount } from '../../../src/core/tensor/data-type.ts';

/** How far apart neighbours along each axis lie in row-major order. */
export function strides(dims: readonly number[]): number[] {
  const result = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--) {
    result[axis] = result[axis + 1] * dims[axis + 1];
  }
  return result;
}

/** The coordinates of flat position `index`. */
export function unravel(index: number, dims: readonly number[]): number[] {
  const result = new Array<number>(dims.length);
  let rest = index;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    result[axis] = rest % dims[axis];
    rest = Math.floor(rest / dims[axis]);
  }
  return result;
}

/** The flat position of coordinates. */
export function ravel(at: readonly number[], dims: readonly number[]): number {
  return at.reduce((flat, coordinate, axis) => flat * dims[axis] + coordinate, 0);
}

/** NumPy's broadcast of shapes. */
export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((dims) => dims[axis - rank + dims.length] ?? 1);
    const size = sizes.find((candidate) => candidate !== 1) ?? 1;
    if (sizes.some((candidate) => candidate !== 1 && candidate !== size)) {
      throw new Error(`Shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} differ.`);
    }
    return size;
  });
}

/** For each flat position of `to`, the flat position of `from` (broadcast to it) that is read. */
export function broadcastIndex(from: readonly number[], to: readonly number[]): Int32Array {
  const steps = strides(from);
  const offset = to.length - from.length;
  return mapPositions(to, (at) => {
    let flat = 0;
    for (let axis = 0; axis < from.length; axis++) {
      if (from[axis] !== 1) flat += at[axis + offset] * steps[axis];
    }
    return flat;
  });
}

/** `position(coordinates)` for every element of a shape, in order. */
export function mapPositions(
  dims: readonly number[],
  position: (at: readonly number[]) => number,
): Int32Array {
  const result = new Int32Array(elementCount(dims));
  const at = new Array<number>(dims.length).fill(0);
  for (let i = 0; i < result.length; i++) {
    result[i] = position(at);
    for (let axis = dims.length - 1; axis >= 0 && ++at[axis] === dims[axis]; axis--) at[axis] = 0;
  }
  return result;
}

/** A negative axis counts from the end. */
export const wrap = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
