/** ∏ dims. */
export function product(dims: readonly number[]): number {
  return dims.reduce((total, size) => total * size, 1);
}

/** The axis counted from the front. */
export function resolveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** NumPy's broadcasting of two sizes; the shapes are known to fit. */
export function broadcastDims(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    return left === 1 ? right : left;
  });
}

/** Sizes after a reduction over `axes` (counted from the front). */
export function reducedDims(
  dims: readonly number[],
  axes: readonly number[],
  keepdims: boolean,
): readonly number[] {
  const gone = new Set(axes);
  return keepdims
    ? dims.map((size, axis) => (gone.has(axis) ? 1 : size))
    : dims.filter((_, axis) => !gone.has(axis));
}

/** Stretches of memory: how many elements lie between neighbours along each axis. */
export function stridesOf(dims: readonly number[]): readonly number[] {
  const strides = dims.map(() => 1);
  for (let axis = dims.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1] * dims[axis + 1];
  }
  return strides;
}
