import { describe, expect, it } from 'vitest';
import { DataType } from '../tensor/data-type.ts';
import { packageModel } from './package.ts';
import { readModel } from './read.ts';
import { bytesSource } from './source.ts';
import { memoryData, plannedData } from './tensor-data.ts';
import type { Model, TensorData } from './types.ts';
import { externalize, joinParts, writeModel } from './write.ts';

const weight = (data: TensorData): Model => ({
  irVersion: 10,
  opsets: [{ domain: '', version: 21 }],
  metadata: [],
  functions: [],
  graph: {
    name: 'g',
    nodes: [
      { name: '', opType: 'Identity', domain: '', inputs: ['w'], outputs: ['y'], attributes: [] },
    ],
    initializers: [{ name: 'w', dataType: DataType.uint8, dims: [data.byteLength], data }],
    inputs: [],
    outputs: [
      { name: 'y', type: { dataType: DataType.uint8, dims: [{ value: data.byteLength }] } },
    ],
    valueInfo: [],
  },
});

const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i);

describe('packageModel', () => {
  it('leaves a model that is one file already untouched', async () => {
    const model = weight(memoryData(bytes));
    const packaged = packageModel(model);
    expect(packaged.model).toBe(model);
    expect(packaged.files).toEqual([]);
    expect(packaged.byteLength).toBe((await writeModel(model)).byteLength);
  });

  it('brings weights that lay beside the model into the one file', async () => {
    const outside = externalize(weight(memoryData(bytes)), { path: 'old_data' }).model;
    const { model, files, byteLength } = packageModel(outside);
    expect(files).toEqual([]);
    const file = await writeModel(model);
    expect(byteLength).toBe(file.byteLength);
    const [tensor] = (await readModel(bytesSource(file))).graph.initializers;
    expect(await tensor.data.read()).toEqual(bytes);
  });

  it('writes data files where one file would be too large, of exactly the bytes it said', async () => {
    const packaged = packageModel(weight(memoryData(bytes)), {
      limit: 4000,
      dataName: 'q.onnx_data',
    });
    expect(packaged.files.map(({ path }) => path)).toEqual(['q.onnx_data']);
    const graph = await writeModel(packaged.model);
    const data = await joinParts(packaged.files[0]);
    expect(packaged.byteLength).toBe(graph.byteLength + data.byteLength);
    const external = (path: string) => (path === 'q.onnx_data' ? bytesSource(data) : undefined);
    const [tensor] = (await readModel(bytesSource(graph), { external })).graph.initializers;
    expect(await tensor.data.read()).toEqual(bytes);
  });

  it('forecasts models above 2 GB without a byte of theirs', () => {
    const { files, byteLength } = packageModel(weight(plannedData(2 ** 31)));
    expect(files.map(({ byteLength: length }) => length)).toEqual([2 ** 31]);
    expect(byteLength).toBeGreaterThan(2 ** 31);
    expect(byteLength).toBeLessThan(2 ** 31 + 1000);
  });
});
