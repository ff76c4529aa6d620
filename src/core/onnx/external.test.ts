import { describe, expect, it } from 'vitest';
import { withoutOrigin } from '../../../test/support/onnx.ts';
import { bytes, int, modelWithTensor } from '../../../test/support/protobuf.ts';
import { readModel } from './read.ts';
import { bytesSource } from './source.ts';
import { memoryData, plannedData } from './tensor-data.ts';
import type { ByteSource, Model, Tensor } from './types.ts';
import { externalize, type ExternalFile, joinParts, writeModel } from './write.ts';

const EMPTY: Model = {
  irVersion: 8,
  opsets: [{ domain: '', version: 17 }],
  graph: { name: 'g', nodes: [], initializers: [], inputs: [], outputs: [], valueInfo: [] },
  metadata: [],
  functions: [],
};

function modelOf(sizes: readonly number[]): Model {
  const initializers = sizes.map((size, i): Tensor => {
    const raw = Uint8Array.from({ length: size }, (_, k) => k * 7 + i);
    return { name: `w${i}`, dataType: 2, dims: [size], data: memoryData(raw) };
  });
  return { ...EMPTY, graph: { ...EMPTY.graph, initializers } };
}

async function open(file: Uint8Array, files: readonly ExternalFile[]): Promise<Model> {
  const sources = new Map<string, ByteSource>();
  for (const { path, ...parts } of files) sources.set(path, bytesSource(await joinParts(parts)));
  return readModel(bytesSource(file), { external: (path) => sources.get(path) });
}

describe('externalize', () => {
  it('moves large tensors to shards, aligned, and they read back the same', async () => {
    const sizes = [10, 3000, 1 << 20, 5000, (1 << 20) + 1, 2000];
    const model = modelOf(sizes);
    const options = { path: 'model.onnx_data', minimumBytes: 2000, shardBytes: 1_200_000 };
    const result = externalize(model, options);
    expect(result.files.map(({ path, byteLength }) => [path, byteLength])).toEqual([
      ['model.onnx_data', 4096 + (1 << 20) + 5000],
      ['model.onnx_data_1', (1 << 20) + 64 + 2000],
    ]);
    const places = result.model.graph.initializers.map(({ external }) => external?.offset);
    expect(places).toEqual([undefined, 0, 4096, 4096 + (1 << 20), 0, (1 << 20) + 64]);
    const file = await writeModel(result.model);
    expect(file.byteLength).toBeLessThan(600);
    const again = await open(file, result.files);
    for (const [i, { data }] of again.graph.initializers.entries()) {
      expect(Buffer.compare(await data.read(), await model.graph.initializers[i].data.read())).toBe(
        0,
      );
    }
    expect(Buffer.compare(await writeModel(again), file)).toBe(0);
    expect(Buffer.compare(await writeModel(withoutOrigin(again)), file)).toBe(0);
  });

  it('gives a tensor larger than a shard a file of its own, and plans without bytes', () => {
    const model = modelOf([100]);
    const huge = { name: 'h', dataType: 2, dims: [2 ** 31 - 1], data: plannedData(2 ** 31 - 1) };
    const initializers = [huge, ...model.graph.initializers, { ...huge, name: 'i' }];
    const { files } = externalize(
      { ...model, graph: { ...model.graph, initializers } },
      { path: 'd', minimumBytes: 1 },
    );
    expect(files.map(({ path, byteLength }) => [path, byteLength])).toEqual([
      ['d', 2 ** 31 - 1],
      ['d_1', 100],
      ['d_2', 2 ** 31 - 1],
    ]);
  });

  it('does not depend on the files the tensors came from', async () => {
    const first = externalize(modelOf([5000, 100]), { path: 'old', minimumBytes: 1 });
    const opened = await open(await writeModel(first.model), first.files);
    const second = externalize(opened, { path: 'new', minimumBytes: 1000 });
    const again = await open(await writeModel(second.model), second.files);
    expect(again.graph.initializers.map(({ external }) => external?.path)).toEqual([
      'new',
      undefined,
    ]);
    expect(await again.graph.initializers[1].data.read()).toHaveLength(100);
  });
});

describe('an external tensor', () => {
  const entry = (key: string, value: string) => bytes(13, [...bytes(1, key), ...bytes(2, value)]);
  const file = modelWithTensor(
    int(1, 4),
    int(2, 2),
    bytes(8, 'w'),
    entry('location', './data/w.bin'),
    entry('offset', '2'),
    entry('checksum', 'abc'),
    int(14, 1),
  );
  const asked: string[] = [];
  const model = () =>
    readModel(bytesSource(file), {
      external: (path) => {
        asked.push(path);
        return bytesSource(Uint8Array.of(9, 9, 1, 2, 3, 4, 9));
      },
    });

  it('is found below the folder; its length may be left out', async () => {
    const { initializers } = (await model()).graph;
    expect(asked.at(-1)).toBe('data/w.bin');
    expect(initializers[0].external).toEqual({ path: './data/w.bin', offset: 2, length: 4 });
    expect([...(await initializers[0].data.read())]).toEqual([1, 2, 3, 4]);
  });

  it('keeps its checksum when renamed, and is stored inside the file when its bytes were replaced', async () => {
    const opened = await model();
    const [tensor] = opened.graph.initializers;
    const withTensor = async (changed: Tensor) => {
      const graph = { ...opened.graph, initializers: [changed] };
      return Buffer.from(await writeModel({ ...opened, graph })).toString('latin1');
    };
    const renamed = await withTensor({ ...tensor, name: 'v' });
    expect(renamed).toContain('checksum');
    expect(renamed).toContain('w.bin');
    const replaced = await withTensor({
      ...tensor,
      data: memoryData(Uint8Array.of(65, 66, 67, 68)),
    });
    expect(replaced).toContain('ABCD');
    expect(replaced).not.toContain('w.bin');
  });
});
