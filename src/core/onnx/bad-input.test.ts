import { describe, expect, it } from 'vitest';
import { fixture, slowSource } from '../../../test/support/onnx.ts';
import { bytes, int, modelWith, modelWithTensor } from '../../../test/support/protobuf.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { readModel } from './read.ts';
import { bytesSource } from './source.ts';
import { memoryData, plannedData, sourceData } from './tensor-data.ts';
import type { ByteSource } from './types.ts';

async function complaint(
  file: Uint8Array | readonly number[],
  files: Record<string, ByteSource> = {},
) {
  const source = bytesSource(Uint8Array.from(file));
  return sentence(() => readModel(source, { external: (path) => files[path] }));
}

async function sentence(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof LatheError) return error.message;
    throw error;
  }
  return 'no complaint';
}

const weight = (dims: readonly (number | bigint)[], ...more: number[][]) =>
  modelWithTensor(bytes(8, 'w'), ...dims.map((dim) => int(1, dim)), ...more);
const float = int(2, 1);
const external = (entries: Record<string, string>) =>
  weight(
    [2],
    float,
    int(14, 1),
    ...Object.entries(entries).map(([key, value]) =>
      bytes(13, [...bytes(1, key), ...bytes(2, value)]),
    ),
  );
const op = (name: string, inputs: string[], outputs: string[]) =>
  bytes(1, [
    ...inputs.flatMap((input) => bytes(1, input)),
    ...outputs.flatMap((output) => bytes(2, output)),
    ...bytes(3, name),
    ...bytes(4, 'Add'),
  ]);

describe('structure', () => {
  it('says that a file ends too early, from memory and from a slow source', async () => {
    const cut = fixture('mnist_vit.onnx').subarray(0, 40_000);
    const expected =
      'The file ends inside a field at byte 20, so a part of the model is missing; download or export it again.';
    expect(await complaint(cut)).toBe(expected);
    expect(await sentence(() => readModel(slowSource(cut)))).toBe(expected);
  });

  it('says that bytes are not protobuf', async () => {
    const long = [...int(1, 8), 0x28, ...Array<number>(10).fill(0xff), 1];
    expect(await complaint(modelWith([], long))).toBe(
      'The bytes at 11 are not valid protobuf (a number longer than ten bytes), so the file is damaged or is not an ONNX model; download or export it again.',
    );
    expect(await complaint(modelWith([], [0x0b]))).toBe(
      'The bytes at 9 are not valid protobuf (wire type 3), so the file is damaged or is not an ONNX model; download or export it again.',
    );
    expect(await complaint(modelWith([], [0x00, 0x01]))).toBe(
      'The bytes at 8 are not valid protobuf (field number 0), so the file is damaged or is not an ONNX model; download or export it again.',
    );
  });

  it('bounds the depth of nested graphs', async () => {
    let graph = bytes(1, bytes(4, 'Relu'));
    for (let i = 0; i < 40; i++) {
      graph = bytes(1, [...bytes(4, 'If'), ...bytes(5, [...bytes(6, graph), ...int(20, 5)])]);
    }
    const expected =
      'The model nests messages more than 64 levels deep, which no real graph does; export it again with simpler control flow.';
    expect(await complaint(modelWith(graph))).toBe(expected);
  });

  it('bounds the number of parts', async () => {
    const many = new Uint8Array(2 * 2_000_001).map((_, i) => (i % 2 === 0 ? 0x6a : 0));
    const head = Uint8Array.from([...int(1, 8), 0x3a, 0x82, 0x92, 0xf4, 0x01]);
    const file = new Uint8Array([...head, ...many]);
    expect(await complaint(file)).toBe(
      'The model has more than 2000000 nodes, attributes and other parts, which is more than can be edited; simplify the graph first.',
    );
  });

  it('wants one graph', async () => {
    expect(await complaint([...int(1, 8), ...bytes(2, 'maker')])).toBe(
      'The file holds no graph, so it is not an ONNX model or it was cut short; choose a complete .onnx file.',
    );
    expect(await complaint(modelWith([], bytes(7, [])))).toBe(
      'The file holds more than one graph, so it is unclear which one is the model; export it again.',
    );
  });

  it('wants names in UTF-8 and an operator in every node', async () => {
    expect(await complaint(modelWith(bytes(1, bytes(1, [0xc3, 0x28]))))).toBe(
      'The name at byte 8 is not valid UTF-8, so it could not be written back unchanged; export the model again.',
    );
    expect(await complaint(modelWith(bytes(1, bytes(3, 'lost'))))).toBe(
      'Node "lost" has no operator type, so it cannot be run; export the model again.',
    );
  });
});

describe('graphs', () => {
  const graph = (...parts: number[][]) => modelWith(parts.flat());

  it('names the nodes of a cycle', async () => {
    const cyclic = graph(
      bytes(11, bytes(1, 'x')),
      op('free', ['x', 'x'], ['f']),
      op('a', ['x', 'c'], ['a']),
      op('b', ['a'], ['b']),
      op('c', ['b', 'f'], ['c']),
    );
    expect(await complaint(cyclic)).toBe(
      'The nodes "b", "c", "a" wait for each other in a cycle, so the model cannot run; export it again.',
    );
    expect(await complaint(graph(op('self', ['s'], ['s'])))).toBe(
      'The nodes "self" wait for each other in a cycle, so the model cannot run; export it again.',
    );
  });

  it('finds values that are made twice or never', async () => {
    expect(await complaint(graph(op('a', [], ['y']), op('b', [], ['y'])))).toBe(
      'The value "y" is defined more than once, so it is unclear which one is meant; export the model again.',
    );
    expect(await complaint(graph(op('a', ['ghost'], ['y'])))).toBe(
      'Node "a" uses the value "ghost", which nothing in the model makes; export the model again.',
    );
    expect(await complaint(graph(bytes(12, bytes(1, 'ghost'))))).toBe(
      'The model promises the output "ghost", but nothing in it makes that value; export the model again.',
    );
  });

  it('takes nodes in any order, and values from an outer graph', async () => {
    const inner = [...op('i', ['outer'], ['z']), ...bytes(12, bytes(1, 'z'))];
    const branch = bytes(5, [...bytes(1, 'then_branch'), ...bytes(6, inner), ...int(20, 5)]);
    const conditional = bytes(1, [...bytes(2, 'y'), ...bytes(4, 'If'), ...branch]);
    expect(await complaint(graph(conditional, op('o', [], ['outer'])))).toBe('no complaint');
    const cycle = graph(conditional, op('o', ['y'], ['outer']));
    expect(await complaint(cycle)).toContain('wait for each other in a cycle');
  });
});

describe('tensors', () => {
  it('refuses dimensions and products that cannot be', async () => {
    const limits = (value: string) =>
      `"w" has a dimension of ${value}, but a dimension must lie between 0 and 2147483647; the file is damaged or the model must be split.`;
    expect(await complaint(weight([2 ** 31], float))).toBe(limits('2147483648'));
    expect(await complaint(weight([-1], float))).toBe(limits('-1'));
    const big = 2 ** 31 - 1;
    expect(await complaint(weight([big, big, 0], float))).toBe(
      'Tensor "w" of shape [2147483647, 2147483647, 0] has more elements than can be counted exactly; the file is damaged.',
    );
    const input = bytes(2, bytes(1, [...int(1, 1), ...bytes(2, bytes(1, int(1, 2 ** 31)))]));
    expect(await complaint(modelWith(bytes(11, [...bytes(1, 'x'), ...input])))).toBe(
      limits('2147483648').replace('w', 'x'),
    );
  });

  it('refuses bytes that do not fill the shape', async () => {
    expect(await complaint(weight([2, 3], float, bytes(9, [1, 2, 3])))).toBe(
      'Tensor "w" (float32, shape [2, 3]) needs 24 bytes but has 3; the file is damaged, download or export it again.',
    );
    expect(await complaint(weight([2], float))).toBe(
      'Tensor "w" (float32, shape [2]) needs 8 bytes but has 0; the file is damaged, download or export it again.',
    );
    expect(await complaint(weight([3], int(2, 22), bytes(9, [1, 2, 3])))).toBe(
      'Tensor "w" (int4, shape [3]) needs 2 bytes but has 3; the file is damaged, download or export it again.',
    );
  });

  it('finds a wrong count of values that are decoded later', async () => {
    const model = await readModel(bytesSource(weight([2], int(2, 7), bytes(7, [1, 2, 3]))));
    expect(await sentence(() => model.graph.initializers[0].data.read())).toBe(
      'Tensor "w" (int64, shape [2]) needs 16 bytes but has 24; the file is damaged, download or export it again.',
    );
  });

  it('refuses unknown data types', async () => {
    expect(await complaint(weight([1], int(2, 99), bytes(9, [1])))).toBe(
      'Tensor "w" has the unknown data type 99; convert it to a type of ONNX 1.20 or older.',
    );
  });
});

describe('external data', () => {
  it.each([
    '../w.bin',
    'a/../../w.bin',
    '/etc/w.bin',
    'C:\\w.bin',
    '\\\\host\\w.bin',
    'https://host/w.bin',
    'a\\..\\w.bin',
  ])('does not leave the folder for %s', async (location) => {
    expect(await complaint(external({ location }))).toBe(
      `Tensor "w" wants its data from "${location}", which leaves the model's folder and is not opened; save the model with its data beside it.`,
    );
  });

  it('says which file is missing or too short', async () => {
    expect(await complaint(external({ location: 'w.bin' }))).toBe(
      'Tensor "w" keeps its data in "w.bin", which was not given; open the model together with that file.',
    );
    const files = { 'w.bin': bytesSource(new Uint8Array(9)) };
    expect(await complaint(external({ location: './w.bin', offset: '4' }), files)).toBe(
      'Tensor "w" needs "w.bin" to have at least 12 bytes, but it has 9; download that file again.',
    );
    expect(await complaint(external({ location: 'w.bin', length: '7' }), files)).toBe(
      'Tensor "w" (float32, shape [2]) needs 8 bytes but has 7; the file is damaged, download or export it again.',
    );
  });

  it('refuses entries that are no numbers or no path', async () => {
    expect(await complaint(external({ location: 'w.bin', offset: '-1' }))).toBe(
      'Tensor "w" gives "-1" as the offset of its external data, which is not a whole number ≥ 0; save the model again.',
    );
    expect(await complaint(external({}))).toBe(
      'Tensor "w" says that its data lies outside the file but not where; save the model again.',
    );
  });
});

describe('handles', () => {
  it('refuse ranges outside of their bytes', async () => {
    const source = bytesSource(new Uint8Array(4));
    const expected =
      'Bytes 2 to 5 were asked for, but only 4 exist; the file has changed since it was opened, open it again.';
    expect(await sentence(() => source.read(2, 3))).toBe(expected);
    expect(await sentence(() => memoryData(new Uint8Array(4)).read(2, 3))).toBe(expected);
    expect(await sentence(async () => sourceData(source, 2, 3))).toBe(expected);
    expect(await sentence(() => sourceData(source, 1, 3).read(-1, 1))).toContain('Bytes -1 to 0');
    expect(await sentence(() => plannedData(4).read())).toContain('only planned');
  });
});
