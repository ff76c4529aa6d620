import { DataType } from '../../src/core/tensor/data-type.ts';
import type { Value } from '../../src/core/tensor/values.ts';

export function int64Value(dims: readonly number[], values: ArrayLike<number>): Value {
  const data = BigInt64Array.from({ length: values.length }, (_, k) => BigInt(values[k]));
  return { dataType: DataType.int64, dims, data };
}

export function float32Value(dims: readonly number[], data: Float32Array): Value {
  return { dataType: DataType.float32, dims, data };
}

/** Items in runs of `size`; the last one may be shorter. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, k) =>
    items.slice(k * size, (k + 1) * size),
  );
}
