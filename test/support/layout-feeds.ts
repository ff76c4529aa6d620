import { DataType, elementCount } from '../../src/core/tensor/data-type.ts';
import type { Value } from '../../src/core/tensor/values.ts';
import type { Model, Tensor } from '../../src/core/onnx/types.ts';
import type { Feed } from '../fixtures/layouts/fixture.ts';
import { longs } from './run-model.ts';

/** The feeds a model takes, of those a layout fixture offers. */
export function feedsOf(
  model: Model,
  feeds: Readonly<Record<string, Feed>>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    model.graph.inputs.map(({ name }): [string, Value] => [name, toValue(feeds[name])]),
  );
}

function toValue({ type, dims, values }: Feed): Value {
  if (type === 'float32') {
    return { dataType: DataType.float32, dims, data: Float32Array.from(values) };
  }
  if (type === 'int32') return { dataType: DataType.int32, dims, data: Int32Array.from(values) };
  return longs(dims, values);
}

/** Numbers for the symbols of the model's inputs, from what it is fed. */
export function bindingsOf(
  model: Model,
  feeds: Readonly<Record<string, Value>>,
): Readonly<Record<string, number>> {
  const bindings: Record<string, number> = {};
  for (const { name, type } of model.graph.inputs) {
    type?.dims?.forEach(({ symbol }, axis) => {
      if (symbol !== undefined) bindings[symbol] = feeds[name].dims[axis];
    });
  }
  return bindings;
}

/** Stored float32 tensors of more than one element: weights, not constants of a formula. */
export function floatWeights(model: Model): readonly Tensor[] {
  return model.graph.initializers.filter(
    ({ dataType, dims }) => dataType === DataType.float32 && elementCount(dims) > 1,
  );
}
