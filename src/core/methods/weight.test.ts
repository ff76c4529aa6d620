import { describe, expect, it } from 'vitest';
import { DataType } from '../tensor/data-type.ts';
import { memoryData } from '../onnx/tensor-data.ts';
import type { Model } from '../onnx/types.ts';
import { decodeWeight } from './decode.ts';
import { oneLayerModel, type TestOp } from '../../../test/fixtures/methods/models.ts';
import { bytesFromFloats } from './half.ts';
import { readWeight } from './weight.ts';

function stored(model: Model, dataType: number): Model {
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.name !== 'w') return tensor;
    const bytes = tensor.data.readSync?.() ?? new Uint8Array();
    const values = new Float32Array(bytes.slice().buffer);
    return { ...tensor, dataType, data: memoryData(bytesFromFloats(values, dataType)) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

describe('readWeight', () => {
  const ops: readonly TestOp[] = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'];
  it.each(ops)('gives [out, in] whatever the layout: %s', async (op) => {
    const { model, layer, weight } = oneLayerModel(op, 6, 18);
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

describe('decodeWeight', () => {
  it('refuses a plan', () => {
    expect(() => decodeWeight({ kind: 'dense' }, 1, 1)).toThrow(
      'This compressed weight is only planned and has no values yet; run the recipe before reading them.',
    );
  });

  it('decodes each kind', () => {
    expect(decodeWeight({ kind: 'float16', values: Uint16Array.of(0x3c00) }, 1, 1)).toEqual(
      Float32Array.of(1),
    );
    const common = { kind: 'uniform', bits: 4, format: 'packed', groupSize: 2 } as const;
    const block = {
      ...common,
      granularity: 'block',
      symmetric: false,
      codes: Uint8Array.of(1, 2, 3, 4),
      scales: Float32Array.of(0.5, 2),
      zeros: Uint8Array.of(1, 2),
    } as const;
    expect(decodeWeight(block, 1, 4)).toEqual(Float32Array.of(0, 0.5, 2, 4));
    const tensor = {
      ...common,
      granularity: 'tensor',
      symmetric: true,
      codes: Uint8Array.of(8, 9, 0, 15),
      scales: Float32Array.of(0.5),
    } as const;
    expect(decodeWeight(tensor, 2, 2)).toEqual(Float32Array.of(0, 0.5, -4, 3.5));
  });
});
