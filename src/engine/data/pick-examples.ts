import type { ExampleDataset } from '../../core/data/types.ts';
import type { Value, ValueData } from '../../core/tensor/values.ts';

/** The arrays of the examples at `indices`, in that order, stacked along the first dimension. */
export function pickExamples(
  dataset: ExampleDataset,
  indices: readonly number[],
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(dataset.arrays).map(([name, value]) => [name, pick(value, indices)]),
  );
}

function pick(value: Value, indices: readonly number[]): Value {
  const { dataType, dims, data } = value;
  const stride = data.length / dims[0];
  const out = data.slice(0, 0).constructor as new (length: number) => ValueData;
  const picked = new out(stride * indices.length);
  indices.forEach((index, i) => {
    const row = data.subarray(index * stride, (index + 1) * stride);
    // Same class on both sides, which the union of array types cannot express.
    (picked as Float32Array).set(row as Float32Array, i * stride);
  });
  return { dataType, dims: [indices.length, ...dims.slice(1)], data: picked };
}
