import { afterAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../core/onnx/build/graph-builder.ts';
import type { Model } from '../core/onnx/types.ts';
import { normal, seededRandom } from '../core/random/seeded.ts';
import { DataType, type DataTypeName } from '../core/tensor/data-type.ts';
import type { ValueData } from '../core/tensor/values.ts';
import { modelBytes } from './model-bytes.ts';
import { createNodeRuntime } from './ort-node.ts';
import { createWasmRuntime } from './ort-wasm.ts';
import type { Runtime, Session } from './types.ts';

const wasm = await createWasmRuntime({ threads: 1 });
const node = await createNodeRuntime({ threads: 1 });
const opened: Session[] = [];
afterAll(async () => {
  for (const session of opened) await session.release();
});

async function open(runtime: Runtime, model: Model): Promise<Session> {
  const session = await runtime.open(model);
  opened.push(session);
  return session;
}

function floats(length: number, label: string): Float32Array {
  const random = seededRandom(3, label);
  return Float32Array.from({ length }, () => normal(random));
}

function linear(inner: number, outer: number): { model: Model; w: Float32Array } {
  const g = new GraphBuilder('linear');
  const w = floats(inner * outer, 'w');
  const x = g.input('x', 'float32', ['batch', inner]);
  const y = g.op('MatMul', [x, g.floats('w', [inner, outer], w)]);
  g.output(y, 'float32', ['batch', outer], 'y');
  return { model: g.finish(), w };
}

function matmul(x: Float32Array, w: Float32Array, rows: number, inner: number, outer: number) {
  return Float64Array.from({ length: rows * outer }, (_, i) => {
    const [r, c] = [Math.floor(i / outer), i % outer];
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += x[r * inner + k] * w[k * outer + c];
    return sum;
  });
}

function identity(type: DataTypeName): Model {
  const g = new GraphBuilder('identity');
  const x = g.input('x', type, ['n']);
  g.output(g.op('Identity', [x]), type, ['n'], 'y');
  return g.finish();
}

describe.each([
  ['wasm', wasm],
  ['node', node],
] as const)('sessions on %s', (_, runtime) => {
  it('compute, and describe their ports', async () => {
    const { model, w } = linear(24, 10);
    const session = await open(runtime, model);
    const x = floats(3 * 24, 'x');
    const { y } = await session.run({ x: { dataType: DataType.float32, dims: [3, 24], data: x } });
    expect(session.inputs).toEqual([{ name: 'x', dataType: 1, dims: ['batch', 24] }]);
    expect(session.outputs).toEqual([{ name: 'y', dataType: 1, dims: ['batch', 10] }]);
    expect(y.dims).toEqual([3, 10]);
    matmul(x, w, 3, 24, 10).forEach((wanted, i) => {
      // 24 products of unit variance in float32.
      expect(Math.abs(Number(y.data[i]) - wanted)).toBeLessThan(24 * 2 ** -22);
    });
  });

  const values: readonly [DataTypeName, ValueData][] = [
    ['float32', Float32Array.of(1.5, -2)],
    ['float64', Float64Array.of(1.5, -2)],
    ['float16', Uint16Array.of(0x3c00, 0xc000, 0x7bff)],
    ['int8', Int8Array.of(-128, 127)],
    ['uint8', Uint8Array.of(0, 255)],
    ['int16', Int16Array.of(-32768, 5)],
    ['uint16', Uint16Array.of(65535)],
    ['int32', Int32Array.of(-7, 8)],
    ['uint32', Uint32Array.of(4294967295)],
    ['int64', BigInt64Array.of(-(2n ** 63n), 9n)],
    ['uint64', BigUint64Array.of(2n ** 64n - 1n)],
    ['bool', Uint8Array.of(1, 0, 1)],
  ];
  it.each(values)('pass %s through unchanged', async (type, data) => {
    const session = await open(runtime, identity(type));
    const value = { dataType: DataType[type], dims: [data.length], data };
    expect(await session.run({ x: value })).toEqual({ y: value });
  });

  it('take weights from shards beside the graph', async () => {
    const { model, w } = linear(64, 48);
    const { bytes, external } = await modelBytes(model, 0);
    expect(external.map((file) => [file.path, file.data.byteLength])).toEqual([
      ['weights', 64 * 48 * 4],
    ]);
    expect(bytes.byteLength).toBeLessThan(1000);
    const session = await runtime.openBytes(bytes, external);
    const x = floats(64, 'x');
    const { y } = await session.run({ x: { dataType: 1, dims: [1, 64], data: x } });
    matmul(x, w, 1, 64, 48).forEach((wanted, i) => {
      expect(Math.abs(Number(y.data[i]) - wanted)).toBeLessThan(64 * 2 ** -22);
    });
    await session.release();
  });

  it('go on after a failed open, a failed run and a release', async () => {
    const broken = runtime.openBytes(Uint8Array.of(1, 2, 3, 4));
    const { model } = linear(2, 1);
    const after = open(runtime, model);
    await expect(broken).rejects.toThrow(
      'onnxruntime cannot read this model: the file is damaged or is not an ONNX graph; open an intact .onnx file.',
    );
    const session = await after;
    const wrong = { x: { dataType: 1, dims: [1, 3], data: new Float32Array(3) } };
    await expect(session.run(wrong)).rejects.toMatchObject({ code: 'input-shape' });
    const right = { x: { dataType: 1, dims: [1, 2], data: new Float32Array(2) } };
    expect([...(await session.run(right)).y.data]).toEqual([0]);
    await session.release();
    await session.release();
    await expect(session.run(right)).rejects.toThrow(
      'This session was already released; open the model again before running it.',
    );
    const next = await open(runtime, model);
    expect([...(await next.run(right)).y.data]).toEqual([0]);
  });

  it('run strictly one after another, however many are asked for at once', async () => {
    const session = await open(runtime, linear(2, 1).model);
    const runs = Array.from({ length: 8 }, (_, i) =>
      session.run({ x: { dataType: 1, dims: [1, 2], data: Float32Array.of(i, 0) } }),
    );
    const results = (await Promise.all(runs)).map(({ y }) => Number(y.data[0]));
    results.forEach((value, i) => expect(value).toBe(Math.fround(results[1] * i)));
  });

  it('name a missing input, a wrong type and a wrong shape', async () => {
    const session = await open(runtime, linear(2, 1).model);
    await expect(session.run({})).rejects.toThrow(
      'The model needs an input named "x", but the data holds none; add an array of that name to the data.',
    );
    const ints = { x: { dataType: DataType.int32, dims: [1, 2], data: new Int32Array(2) } };
    await expect(session.run(ints)).rejects.toThrow(
      'An input array is of type int32, but the model expects float; convert the data.',
    );
    const three = { x: { dataType: 1, dims: [1, 3], data: new Float32Array(3) } };
    await expect(session.run(three)).rejects.toThrow(
      'The array for the input "x" has the wrong shape (dimension 1 got 3 expected 2); reshape the data to what the model declares.',
    );
    const short = { x: { dataType: 1, dims: [2, 2], data: new Float32Array(3) } };
    await expect(session.run(short)).rejects.toThrow(
      'The value "x" has shape [2, 2], that is 4 elements, but holds 3; give as many elements as the shape says.',
    );
    const text = { x: { dataType: DataType.string, dims: [1], data: new Uint8Array(1) } };
    await expect(session.run(text)).rejects.toThrow(
      'The value "x" is of type string, which cannot be passed into or out of a session; cast it to a plain number type inside the graph.',
    );
  });

  it('name an operator that does not exist, and its node', async () => {
    const g = new GraphBuilder('odd');
    const x = g.input('x', 'float32', [2]);
    g.output(g.op('Frobnicate', [x], {}, { domain: 'com.microsoft' }), 'float32', [2], 'y');
    const opening = runtime.open(g.finish({ domains: { 'com.microsoft': 1 } }));
    const device = runtime.device === 'wasm' ? 'WebAssembly' : 'onnxruntime-node';
    await expect(opening).rejects.toThrow(
      `The operator Frobnicate (node "/Frobnicate") has no implementation on ${device} in this version of onnxruntime, so the model cannot run here; export it with standard operators.`,
    );
  });

  it('name a node whose dtype has no kernel', async () => {
    const g = new GraphBuilder('double');
    const x = g.input('x', 'float64', [2]);
    g.output(g.op('Erf', [x]), 'float64', [2], 'y');
    await expect(runtime.open(g.finish())).rejects.toThrow(
      /^The operator Erf \(node "\/Erf"\) has no implementation on/,
    );
  });

  it('name a node that takes no such type, and a node that fails', async () => {
    const g = new GraphBuilder('types');
    const x = g.input('x', 'int8', [2, 2]);
    g.output(g.op('MatMul', [x, x]), 'int8', [2, 2], 'y');
    await expect(runtime.open(g.finish())).rejects.toThrow(
      'The operator MatMul (node "/MatMul") does not take the type int8; cast its inputs, or export it with another dtype.',
    );
    const r = new GraphBuilder('reshape');
    const shaped = r.op('Reshape', [r.input('x', 'float32', ['a']), r.input('to', 'int64', ['r'])]);
    r.output(shaped, 'float32', ['b'], 'y');
    const session = await open(runtime, r.finish());
    const run = session.run({
      x: { dataType: DataType.float32, dims: [2], data: new Float32Array(2) },
      to: { dataType: DataType.int64, dims: [1], data: BigInt64Array.of(3n) },
    });
    await expect(run).rejects.toThrow(
      'The input tensor cannot be reshaped to the requested shape. Input shape:{2}, requested shape:{3}',
    );
  });

  it('name a weight file that was not given', async () => {
    const { bytes } = await modelBytes(linear(64, 48).model, 0);
    await expect(runtime.openBytes(bytes)).rejects.toThrow(
      'The model keeps weights in the file "weights", which was not given; open the whole model folder.',
    );
  });

  it('say that memory ran out, and go on', async () => {
    const g = new GraphBuilder('huge');
    const shape = g.input('shape', 'int64', [2]);
    g.output(g.op('ConstantOfShape', [shape]), 'float32', ['a', 'b'], 'y');
    const session = await open(runtime, g.finish());
    const ask = (rows: bigint) =>
      session.run({
        shape: { dataType: 7, dims: [2], data: BigInt64Array.of(rows, 100_000_000n) },
      });
    await expect(ask(100_000n)).rejects.toThrow(
      runtime.device === 'wasm'
        ? 'Memory ran out while running the model, and WebAssembly ends at 4 GiB; try shorter windows or smaller batches.'
        : 'Memory ran out while running the model (needed 40000.0 GB); try shorter windows or smaller batches.',
    );
    expect((await ask(0n)).y.dims).toEqual([0, 100_000_000]);
  });

  it('name the index that is outside an embedding table', async () => {
    const g = new GraphBuilder('table');
    const ids = g.input('ids', 'int64', ['n']);
    const table = g.floats('table', [3, 2], new Float32Array(6));
    g.output(g.op('Gather', [table, ids]), 'float32', ['n', 2], 'y');
    const session = await open(runtime, g.finish());
    const run = session.run({
      ids: { dataType: DataType.int64, dims: [1], data: BigInt64Array.of(7n) },
    });
    await expect(run).rejects.toThrow(
      "The data holds the index 7, but the model's table ends at 2; the tokenizer or the labels do not fit this model.",
    );
  });
});
