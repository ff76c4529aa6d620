import { describe, expect, it } from 'vitest';
import { slowSource, withoutOrigin } from '../../../test/support/onnx.ts';
import { bytes, fixed32, int, modelWithTensor, varint } from '../../../test/support/protobuf.ts';
import { toFloat32 } from '../tensor/convert.ts';
import { DataType, type DataTypeName } from '../tensor/data-type.ts';
import { viewAs } from '../tensor/view-as.ts';
import { readModel, readTensor } from './read.ts';
import { bytesSource } from './source.ts';
import { bytesInMemory } from './tensor-data.ts';
import type { Tensor } from './types.ts';
import { writeModel, writeTensor } from './write.ts';

const list = (number: number, values: readonly (number | bigint)[]) =>
  bytes(number, values.flatMap(varint));
const floats = (values: readonly number[]) =>
  bytes(4, new Uint8Array(Float32Array.from(values).buffer));
const doubles = (values: readonly number[]) =>
  bytes(10, new Uint8Array(Float64Array.from(values).buffer));

function tensorOf(type: DataTypeName, count: number, ...fields: number[][]): Tensor {
  const head = [...int(1, count), ...int(2, DataType[type]), ...bytes(8, 'w')];
  return readTensor(Uint8Array.from([...head, ...fields.flat()]));
}

const hex = async (tensor: Tensor) => Buffer.from(await tensor.data.read()).toString('hex');

describe('values that are stored one by one', () => {
  it('become the bytes that onnx.proto says, for every field', async () => {
    expect(await hex(tensorOf('int64', 2, list(7, [2n ** 63n - 1n, -2n])))).toBe(
      'ffffffffffffff7ffeffffffffffffff',
    );
    expect(await hex(tensorOf('uint64', 1, list(11, [2n ** 64n - 1n])))).toBe('ffffffffffffffff');
    expect(await hex(tensorOf('uint32', 1, list(11, [2 ** 32 - 2])))).toBe('feffffff');
    expect(await hex(tensorOf('int32', 2, list(5, [-2, 2 ** 31 - 1])))).toBe('feffffffffffff7f');
    expect(await hex(tensorOf('int16', 2, list(5, [-2, 258])))).toBe('feff0201');
    expect(await hex(tensorOf('int8', 3, list(5, [-128, 127, -1])))).toBe('807fff');
    expect(await hex(tensorOf('bool', 2, list(5, [1, 0])))).toBe('0100');
    expect(await hex(tensorOf('float64', 1, doubles([1])))).toBe('000000000000f03f');
  });

  it('hold 16-bit floats, 8-bit floats and packed 4- and 2-bit integers as their bits in int32_data', async () => {
    const half = tensorOf('float16', 2, list(5, [0x3c00, 0xfbff]));
    expect([...toFloat32(half.dataType, await half.data.read(), 2)]).toEqual([1, -65504]);
    const bfloat = tensorOf('bfloat16', 1, list(5, [0x4049]));
    expect(toFloat32(bfloat.dataType, await bfloat.data.read(), 1)[0]).toBe(3.140625);
    const float8 = tensorOf('float8e4m3fn', 2, list(5, [0x7e, 0x80]));
    expect([...toFloat32(float8.dataType, await float8.data.read(), 2)]).toEqual([448, -0]);
    const int4 = tensorOf('int4', 3, list(5, [0xf1, 0x08]));
    expect([...toFloat32(int4.dataType, await int4.data.read(), 3)]).toEqual([1, -1, -8]);
    const uint2 = tensorOf('uint2', 5, list(5, [0b11_10_01_00, 2]));
    expect([...toFloat32(uint2.dataType, await uint2.data.read(), 5)]).toEqual([0, 1, 2, 3, 2]);
  });

  it('are the file itself where they are little-endian already', () => {
    const file = Uint8Array.from([...int(1, 2), ...int(2, 1), ...floats([1.5, -2])]);
    const { data } = readTensor(file);
    expect(bytesInMemory(data)?.buffer).toBe(file.buffer);
    expect([...toFloat32(1, data.readSync?.() ?? file, 2)]).toEqual([1.5, -2]);
  });

  it('may come element by element instead of packed', async () => {
    const single = tensorOf('float32', 2, fixed32(4, 1), fixed32(4, 2));
    expect([...toFloat32(1, await single.data.read(), 2)]).toEqual([1, 2]);
    const ints = tensorOf('int64', 3, int(7, 5), list(7, [-1]), int(7, 300));
    expect([...(viewAs(ints.dataType, await ints.data.read()) as BigInt64Array)]).toEqual([
      5n,
      -1n,
      300n,
    ]);
  });

  it('may come in several large pieces from a slow source', async () => {
    const half = Array.from({ length: 5000 }, (_, i) => i);
    const file = modelWithTensor(int(1, 10_000), int(2, 1), floats(half), floats(half));
    const [tensor] = (await readModel(slowSource(file))).graph.initializers;
    expect(tensor.data.readSync).toBeUndefined();
    expect([...toFloat32(1, await tensor.data.read(), 10_000)]).toEqual([...half, ...half]);
  });

  it('are decoded only when asked for, from a slow source too, and saved as raw bytes after an edit', async () => {
    const values = Array.from({ length: 40_000 }, (_, i) => i - 20_000);
    const file = modelWithTensor(int(1, values.length), int(2, 7), bytes(8, 'w'), list(7, values));
    const source = slowSource(file);
    const model = await readModel(source);
    const [tensor] = model.graph.initializers;
    expect(tensor.data.byteLength).toBe(320_000);
    expect(tensor.data.readSync).toBeUndefined();
    expect(source.bytesRead).toBeLessThan(20_000);
    const renamed = { ...model.graph, initializers: [{ ...tensor, name: 'renamed' }] };
    const again = await readModel(bytesSource(await writeModel({ ...model, graph: renamed })));
    const back = viewAs(7, await again.graph.initializers[0].data.read()) as BigInt64Array;
    expect(Array.from(back, Number)).toEqual(values);
    expect(bytesInMemory(again.graph.initializers[0].data)).toBeDefined();
  });
});

describe('every data type', () => {
  const types = Object.entries(DataType).filter(
    ([name]) => !['undefined', 'string'].includes(name),
  );

  it.each(types)('%s is read, kept and encoded anew', async (_, dataType) => {
    const raw = Uint8Array.from({ length: 48 }, (__, i) => i * 5);
    const bits = { complex128: 128, complex64: 64 };
    const count = (48 * 8) / (bits[_ as keyof typeof bits] ?? bitsOf(dataType));
    const file = Uint8Array.from([
      ...int(1, count),
      ...int(2, dataType),
      ...bytes(8, 'w'),
      ...bytes(9, raw),
    ]);
    const tensor = readTensor(file);
    expect(bytesInMemory(tensor.data)).toEqual(raw);
    expect(Buffer.compare(await writeTensor(tensor), file)).toBe(0);
    const again = readTensor(await writeTensor(withoutOrigin(tensor)));
    expect(again).toMatchObject({ name: 'w', dataType, dims: [count] });
    expect(bytesInMemory(again.data)).toEqual(raw);
  });

  it('string keeps its values as bytes', async () => {
    const file = Uint8Array.from([
      ...int(1, 2),
      ...int(2, 8),
      ...bytes(6, 'ä'),
      ...bytes(6, [0xff]),
    ]);
    const tensor = readTensor(file);
    expect(tensor.strings).toEqual([Uint8Array.of(0xc3, 0xa4), Uint8Array.of(0xff)]);
    expect(Buffer.compare(await writeTensor(withoutOrigin(tensor)), file)).toBe(0);
  });
});

function bitsOf(dataType: number): number {
  const four = [21, 22, 23];
  const two = [25, 26];
  const sixteen = [4, 5, 10, 16];
  const thirtyTwo = [1, 6, 12];
  if (four.includes(dataType)) return 4;
  if (two.includes(dataType)) return 2;
  if (sixteen.includes(dataType)) return 16;
  if (thirtyTwo.includes(dataType)) return 32;
  return [7, 11, 13].includes(dataType) ? 64 : 8;
}
