import { describe, expect, it } from 'vitest';
import { fromFloat32 } from '../tensor/convert.ts';
import { DataType } from '../tensor/data-type.ts';
import { memoryData } from '../onnx/tensor-data.ts';
import type { Model } from '../onnx/types.ts';
import { oneLayerModel, type TestOp } from '../../../test/fixtures/methods/models.ts';
import { readWeight } from './weight.ts';

function stored(model: Model, dataType: number): Model {
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.name !== 'w') return tensor;
    const bytes = tensor.data.readSync?.() ?? new Uint8Array();
    const values = new Float32Array(bytes.slice().buffer);
    return { ...tensor, dataType, data: memoryData(fromFloat32(dataType, values)) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

describe('readWeight', () => {
  const ops: readonly TestOp[] = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'];
  it.each(ops)('gives [out, in] whatever the layout: %s', async (op) => {
    const { model, layer, weight } = oneLayerModel(op, 6, 18);
    expect((await readWeight(model, layer)).values).toEqual(weight);
  });

  it('gives values of its own, which may be written to', async () => {
    const { model, layer, weight } = oneLayerModel('Gather', 6, 18);
    (await readWeight(model, layer)).values.fill(0);
    expect((await readWeight(model, layer)).values).toEqual(weight);
  });

  it.each(['float16', 'bfloat16', 'float64'] as const)('reads %s', async (name) => {
    const { model, layer, weight } = oneLayerModel('MatMul', 6, 18);
    const { values } = await readWeight(stored(model, DataType[name]), layer);
    const bits = { float16: 11, bfloat16: 8, float64: 24 }[name];
    values.forEach((v, i) => expect(Math.abs(v - weight[i])).toBeLessThanOrEqual(2 ** -bits));
  });

  it('says what is wrong with a weight of integers, or none', async () => {
    const { model, layer } = oneLayerModel('MatMul', 6, 18);
    const integers = model.graph.initializers.map((tensor) => ({
      ...tensor,
      dataType: DataType.int8,
      data: memoryData(new Uint8Array(6 * 18)),
    }));
    const quantized = { ...model, graph: { ...model.graph, initializers: integers } };
    await expect(readWeight(quantized, layer)).rejects.toThrow(
      'The weight of "w" is stored as int8, so it has no floating-point values to compress; leave this layer out.',
    );
    await expect(readWeight(model, { ...layer, output: 'z' })).rejects.toThrow(
      'The layer "w" is not in this graph as a MatMul over a plain weight; recognise the model again before compressing it.',
    );
  });
});
