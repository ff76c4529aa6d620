import { describe, expect, it } from 'vitest';
import {
  debianModels,
  fixture,
  fixtureModels,
  type ModelFile,
  plain,
  replaceInitializer,
  slowSource,
  withoutOrigin,
} from '../../../test/support/onnx.ts';
import {
  bytes,
  fixed32,
  int,
  modelWith,
  modelWithTensor,
  varint,
} from '../../../test/support/protobuf.ts';
import { hasOnnxTestData } from '../../../tools/onnx-test-data.ts';
import { readModel } from './read.ts';
import { bytesSource } from './source.ts';
import { memoryData, plannedData } from './tensor-data.ts';
import type { Attribute, Model } from './types.ts';
import { modelParts, writeModel } from './write.ts';

const read = (file: Uint8Array) => readModel(bytesSource(file));
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/** Names of the files that are not written back byte for byte, from memory and from a slow source. */
async function changed(files: readonly ModelFile[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name, bytes: file } of files) {
    const fromMemory = await writeModel(await read(file));
    const fromSlow = await writeModel(await readModel(slowSource(file)));
    if (!same(fromMemory, file) || !same(fromSlow, file)) wrong.push(name);
  }
  return wrong;
}

/** Names of the files whose model is not the same model after every field was encoded anew. */
async function misencoded(files: readonly ModelFile[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name, bytes: file } of files) {
    const model = await read(file);
    const again = await read(await writeModel(withoutOrigin(model)));
    const [a, b] = await Promise.all([plain(model), plain(again)]);
    if (JSON.stringify(a, bigText) !== JSON.stringify(b, bigText)) wrong.push(name);
  }
  return wrong;
}

const bigText = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);

describe('write(read(x))', () => {
  it('is byte-equal for every fixture, and equal in meaning when every field is encoded anew', async () => {
    const files = fixtureModels();
    expect(files).toHaveLength(13);
    expect(await changed(files)).toEqual([]);
    expect(await misencoded(files)).toEqual([]);
  });

  it.runIf(hasOnnxTestData())(
    "is byte-equal for all models of Debian's libonnx-testdata",
    async () => {
      const files = debianModels();
      console.info(`libonnx-testdata: ${files.length} models`);
      expect(files.length).toBeGreaterThanOrEqual(932);
      expect(await changed(files)).toEqual([]);
      expect(await misencoded(files)).toEqual([]);
    },
  );

  it('keeps unknown fields of every message, in place when unchanged and at the end when changed', async () => {
    const strange = bytes(99, 'new');
    const node = [...bytes(1, 'x'), ...bytes(2, 'y'), ...bytes(4, 'Relu'), ...strange];
    const dimension = [...int(1, 3), ...bytes(3, 'DATA_CHANNEL')];
    const type = [
      ...bytes(1, [...int(1, 1), ...bytes(2, bytes(1, dimension))]),
      ...bytes(6, 'TENSOR'),
    ];
    const input = [...bytes(1, 'x'), ...bytes(2, type), ...strange];
    const graph = [
      ...strange,
      ...bytes(1, node),
      ...bytes(11, input),
      ...bytes(12, bytes(1, 'y')),
      ...fixed32(77, 1),
    ];
    const file = modelWith(graph, bytes(200, 'later'));
    const model = await read(file);
    expect(same(await writeModel(model), file)).toBe(true);
    const [first] = model.graph.nodes;
    const edited = { ...model.graph, nodes: [{ ...first, name: 'n' }] };
    const text = Buffer.from(
      await writeModel(withoutOrigin({ ...model, graph: edited })),
    ).toString();
    for (const kept of ['later', 'DATA_CHANNEL', 'TENSOR']) expect(text).toContain(kept);
    expect(text.split('new')).toHaveLength(4);
  });
});

describe('splicing', () => {
  it('shares every unchanged tensor with the file when one tensor is changed', async () => {
    const file = fixture('mnist_vit.onnx');
    const model = await read(file);
    const index = model.graph.initializers.findIndex(({ data }) => data.byteLength > 4096);
    const fresh = new Uint8Array(model.graph.initializers[index].data.byteLength).fill(7);
    const { parts, byteLength } = modelParts(replaceInitializer(model, index, memoryData(fresh)));
    const inFile = parts.filter(
      (part) => part instanceof Uint8Array && part.buffer === file.buffer,
    );
    const shared = inFile.reduce((sum, part) => sum + part.byteLength, 0);
    expect(shared).toBeGreaterThan(0.5 * (file.byteLength - fresh.byteLength));
    expect(parts).toContain(fresh);
    expect(byteLength).toBe(parts.reduce((sum, part) => sum + part.byteLength, 0));
    const expected = file.slice();
    expected.fill(7, ...rangeOf(file, await model.graph.initializers[index].data.read()));
    expect(
      same(await writeModel(replaceInitializer(model, index, memoryData(fresh))), expected),
    ).toBe(true);
  });

  it('knows the exact size of a planned model, and refuses to write it', async () => {
    const model = await read(fixture('mnist_vit.onnx'));
    const index = 3;
    const { byteLength } = model.graph.initializers[index].data;
    const plan = replaceInitializer(model, index, plannedData(byteLength));
    const real = replaceInitializer(model, index, memoryData(new Uint8Array(byteLength)));
    expect(modelParts(plan).byteLength).toBe((await writeModel(real)).byteLength);
    await expect(writeModel(plan)).rejects.toThrow(
      'This tensor is only planned: its size is known but it has no bytes yet; run the recipe before reading it.',
    );
  });

  it('refuses a file beyond the limit of protobuf', async () => {
    const model = await read(modelWithTensor(bytes(8, 'w'), int(2, 2), int(1, 1), bytes(9, [5])));
    const [tensor] = model.graph.initializers;
    const huge = { ...tensor, dims: [2 ** 31 - 1], data: plannedData(2 ** 31 - 1) };
    const graph = { ...model.graph, initializers: [huge] };
    // 38 bytes of names, tags and lengths around the tensor.
    const size = 2 ** 31 - 1 + 38;
    expect(() => modelParts({ ...model, graph })).toThrow(
      `The model would be one file of ${size} bytes, but an ONNX file cannot exceed 2147483647 bytes; save its weights as external data.`,
    );
  });
});

function rangeOf(file: Uint8Array, part: Uint8Array): [number, number] {
  const at = part.byteOffset - file.byteOffset;
  return [at, at + part.byteLength];
}

describe('a source that is not in memory', () => {
  it('opens a 64 MB model with less than 1 MB read', async () => {
    const payload = new Uint8Array(1 << 20);
    const pieces = Array.from({ length: 64 }, (_, i) => {
      const head = [...bytes(8, `w${i}`), ...int(2, 1), ...int(1, 1 << 18)];
      const tensor = [...head, 0x4a, ...varint(payload.length)];
      const length = tensor.length + payload.length;
      return Buffer.concat([Uint8Array.from([0x2a, ...varint(length), ...tensor]), payload]);
    });
    const graph = Buffer.concat(pieces);
    const head = Uint8Array.from([...int(1, 8), 0x3a, ...varint(graph.length)]);
    const file = new Uint8Array(
      Buffer.concat([head, graph, Uint8Array.from(bytes(8, int(2, 17)))]),
    );
    const source = slowSource(file);
    const model = await readModel(source);
    expect(model.graph.initializers).toHaveLength(64);
    expect(model.graph.initializers[63].name).toBe('w63');
    expect(source.bytesRead).toBeLessThan(1 << 20);
    const { parts, byteLength } = modelParts({ ...model, producerName: 'changed' });
    expect(byteLength).toBe(file.byteLength + 9);
    expect(source.bytesRead).toBeLessThan(1 << 20);
    expect(parts.filter((part) => !(part instanceof Uint8Array))).not.toHaveLength(0);
  });

  it('reads the same model as from memory', async () => {
    const file = fixture('mnist_vit.onnx');
    const [a, b] = [await read(file), await readModel(slowSource(file))];
    expect(await plain(b)).toEqual(await plain(a));
  });
});

describe('attributes', () => {
  const attributes = async (model: Model): Promise<readonly Attribute[]> =>
    (await read(await writeModel(model))).graph.nodes[0].attributes;

  it('keeps int64 extremes, and zeros that protobuf leaves out', async () => {
    const attribute = (type: number, ...fields: number[][]) =>
      bytes(5, [...bytes(1, 'a'), ...fields.flat(), ...int(20, type)]);
    const node = [
      ...bytes(4, 'Slice'),
      ...attribute(2, int(3, 2n ** 63n - 1n)),
      ...attribute(7, int(8, -(2n ** 63n)), int(8, -1), int(8, 0)),
      ...attribute(2),
      ...attribute(1),
      ...attribute(6),
      ...attribute(3),
    ];
    const model = await read(modelWith(bytes(1, node)));
    const values = (list: readonly Attribute[]) => list.map(({ kind, value }) => [kind, value]);
    const expected = [
      ['int', 2n ** 63n - 1n],
      ['ints', [-(2n ** 63n), -1n, 0n]],
      ['int', 0n],
      ['float', 0],
      ['floats', []],
      ['string', new Uint8Array()],
    ];
    expect(values(model.graph.nodes[0].attributes)).toEqual(expected);
    expect(values(await attributes(withoutOrigin(model)))).toEqual(expected);
  });

  it('reads packed lists too, and finds the kind where IR version 1 left it out', async () => {
    const packed = bytes(5, [...bytes(1, 'p'), ...bytes(8, [1, 2, 0x80, 1]), ...int(20, 7)]);
    const untyped = bytes(5, [...bytes(1, 'u'), ...fixed32(2, 1.5)]);
    const file = modelWith(bytes(1, [...bytes(4, 'Op'), ...packed, ...untyped]));
    expect((await read(file)).graph.nodes[0].attributes).toEqual([
      { name: 'p', kind: 'ints', value: [1n, 2n, 128n] },
      { name: 'u', kind: 'float', value: 1.5 },
    ]);
  });

  it('keeps sparse tensors and types whole, and references by name', async () => {
    const sparse = [...bytes(1, 's'), ...bytes(22, int(3, 4)), ...int(20, 11)];
    const reference = [...bytes(1, 'r'), ...int(20, 1), ...bytes(21, 'outer')];
    const node = [...bytes(4, 'Op'), ...bytes(5, sparse), ...bytes(5, reference)];
    const model = await read(modelWith(bytes(1, node)));
    const expected = [
      { name: 's', kind: 'raw', value: Uint8Array.from(sparse), attributeType: 11 },
      { name: 'r', kind: 'reference', value: 'outer', attributeType: 1 },
    ];
    expect(model.graph.nodes[0].attributes).toEqual(expected);
    expect(await attributes(withoutOrigin(model))).toEqual(expected);
  });
});
