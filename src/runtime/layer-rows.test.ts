import { describe, expect, it } from 'vitest';
import { findLayers } from '../core/anatomy/layers.ts';
import type { Layer } from '../core/anatomy/types.ts';
import { GraphBuilder } from '../core/onnx/build/graph-builder.ts';
import { indexGraph } from '../core/onnx/graph/index-graph.ts';
import type { AttributeInputs } from '../core/onnx/graph/make.ts';
import type { Model } from '../core/onnx/types.ts';
import { normal, seededRandom } from '../core/random/seeded.ts';
import { runFor, withOutputs, type CaptureBatch } from './capture.ts';
import { DataType } from '../core/tensor/data-type.ts';
import { channelRows, layerRows } from './layer-rows.ts';
import { createWasmRuntime } from './ort-wasm.ts';

const runtime = await createWasmRuntime({ threads: 1 });

function floats(length: number, label: string): Float32Array {
  const random = seededRandom(11, label);
  return Float32Array.from({ length }, () => normal(random));
}

function batchOf(name: string, dims: readonly number[], label: string): CaptureBatch {
  const count = dims.reduce((a, b) => a * b, 1);
  return { feeds: { [name]: { dataType: 1, dims, data: floats(count, label) } } };
}

interface Captured {
  readonly layer: Layer;
  readonly x: Float32Array;
  readonly rows: number;
}

/** The rows that layers multiply in one run of a model. */
async function capture(
  model: Model,
  { feeds, mask }: CaptureBatch,
  of: readonly Layer[] = findLayers(model),
): Promise<Captured[]> {
  const values = of.map((layer) => layer.input);
  const session = await runtime.open(withOutputs(model, values));
  const found = await runFor(session, feeds, values);
  await session.release();
  const index = indexGraph(model.graph);
  return of.map((layer) => {
    const node = index.producer(layer.output)?.node ?? model.graph.nodes[0];
    const { x, rows } = layerRows(layer, node, found[layer.input], mask);
    return { layer, x, rows };
  });
}

/** X·Wᵀ with W [out, in], float64. */
function product(x: Float32Array, w: Float32Array, rows: number, inner: number): Float64Array {
  const outer = w.length / inner;
  return Float64Array.from({ length: rows * outer }, (_, i) => {
    const [r, o] = [Math.floor(i / outer), i % outer];
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += x[r * inner + k] * w[o * inner + k];
    return sum;
  });
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, inner: number): void {
  expect(found.length).toBe(wanted.length);
  // `inner` products of unit variance, float32.
  const tolerance = inner * 2 ** -21;
  for (let i = 0; i < wanted.length; i++) {
    expect(Math.abs(found[i] - wanted[i])).toBeLessThan(tolerance);
  }
}

async function output(model: Model, batch: CaptureBatch): Promise<Float32Array> {
  const session = await runtime.open(model);
  const { y } = await session.run(batch.feeds);
  await session.release();
  return y.data as Float32Array;
}

describe('layerRows', () => {
  it('gives MatMul inputs with leading dimensions flattened', async () => {
    const g = new GraphBuilder('two');
    const x = g.input('x', 'float32', ['batch', 'sequence', 6]);
    const h = g.op('Relu', [x]);
    const a = g.op('MatMul', [h, g.floats('a', [6, 3], floats(18, 'a'))]);
    const b = g.op('MatMul', [h, g.floats('b', [6, 3], floats(18, 'b'))]);
    g.output(g.op('Add', [a, b]), 'float32', ['batch', 'sequence', 3], 'y');
    const batch = batchOf('x', [2, 4, 6], 'x');
    const both = await capture(g.finish(), batch);
    expect(both.map(({ layer }) => layer.name)).toEqual(['a', 'b']);
    for (const { x: found, rows } of both) {
      expect(rows).toBe(8);
      expect(found).toEqual((batch.feeds['x'].data as Float32Array).map((v) => Math.max(v, 0)));
    }
  });

  it('takes a layer that reads a graph input straight from the feeds', async () => {
    const g = new GraphBuilder('direct');
    const x = g.input('x', 'float32', ['n', 4]);
    g.output(g.op('MatMul', [x, g.floats('w', [4, 2], floats(8, 'w'))]), 'float32', ['n', 2], 'y');
    const batch = batchOf('x', [3, 4], 'x');
    const [{ x: found, rows }] = await capture(g.finish(), batch);
    expect(rows).toBe(3);
    expect(found).toEqual(batch.feeds['x'].data);
  });

  it('drops rows that are padding', async () => {
    const g = new GraphBuilder('masked');
    const x = g.op('Neg', [g.input('x', 'float32', ['b', 's', 2])]);
    g.output(g.op('MatMul', [x, g.floats('w', [2, 2], floats(4, 'w'))]), 'float32', [1, 3, 2], 'y');
    const batch = { ...batchOf('x', [2, 2, 2], 'x'), mask: Uint8Array.of(1, 0, 1, 1) };
    const [{ x: rows, rows: count }] = await capture(g.finish(), batch);
    const all = (batch.feeds['x'].data as Float32Array).map((v) => -v);
    expect(count).toBe(3);
    expect([...rows]).toEqual([...all.subarray(0, 2), ...all.subarray(4)]);
  });

  it('turns a transposed Gemm input', async () => {
    const g = new GraphBuilder('gemm');
    const x = g.input('x', 'float32', [5, 'n']);
    const w = floats(15, 'w');
    const attributes = { transA: 1, transB: 1 };
    g.output(g.op('Gemm', [x, g.floats('w', [3, 5], w)], attributes), 'float32', ['n', 3], 'y');
    const batch = batchOf('x', [5, 7], 'x');
    const model = g.finish();
    const layer: Layer = {
      ...{ name: 'w', weight: 'w', input: 'x', output: model.graph.nodes[0].outputs[0] },
      ...{ op: 'Gemm', layout: 'out-in', inFeatures: 5, outFeatures: 3 },
      ...{ role: 'other', group: 'other' },
    };
    const [{ x: rows, rows: count }] = await capture(model, batch, [layer]);
    expect(count).toBe(7);
    expectClose(await output(g.finish(), batch), product(rows, w, 7, 5), 5);
  });

  const convolutions: readonly [string, readonly number[], readonly number[], AttributeInputs][] = [
    ['plain', [2, 3, 5, 6], [4, 3, 2, 3], {}],
    [
      'strides, pads, dilations',
      [1, 2, 9, 8],
      [3, 2, 3, 2],
      { strides: [2, 1], pads: [1, 0, 2, 1], dilations: [2, 3] },
    ],
    ['SAME_UPPER', [1, 2, 7, 5], [3, 2, 4, 2], { auto_pad: 'SAME_UPPER', strides: [2, 2] }],
    ['SAME_LOWER', [1, 2, 7, 5], [3, 2, 4, 2], { auto_pad: 'SAME_LOWER', strides: [1, 2] }],
    ['VALID', [1, 2, 7, 5], [3, 2, 3, 3], { auto_pad: 'VALID' }],
    ['one spatial axis', [2, 3, 11], [4, 3, 4], { strides: [3], pads: [2, 1] }],
    ['patches of a picture', [1, 1, 8, 8], [5, 1, 4, 4], { strides: [4, 4] }],
  ];
  it.each(convolutions)('unfolds Conv inputs: %s', async (_, dims, kernel, attributes) => {
    const g = new GraphBuilder('conv');
    const w = floats(
      kernel.reduce((a, b) => a * b, 1),
      'w',
    );
    const x = g.input('x', 'float32', dims);
    const all = { ...attributes, kernel_shape: kernel.slice(2) };
    const y = g.op('Conv', [x, g.floats('w', kernel, w)], all);
    g.output(
      y,
      'float32',
      dims.map((_size, i) => `d${i}`),
      'y',
    );
    const batch = batchOf('x', dims, 'x');
    const [{ x: rows, rows: count, layer }] = await capture(g.finish(), batch);
    const inner = layer.inFeatures;
    const wanted = product(rows, w, count, inner);
    // ORT gives [N, out, positions]; rows are [N, positions, out].
    const [batches, outer] = [dims[0], kernel[0]];
    const positions = count / batches;
    const found = await output(g.finish(), batch);
    const turned = wanted.map((_value, i) => {
      const [image, rest] = [Math.floor(i / (positions * outer)), i % (positions * outer)];
      return found[(image * outer + (rest % outer)) * positions + Math.floor(rest / outer)];
    });
    expectClose(turned, wanted, inner);
  });

  it('gives the patches of all groups as rows', async () => {
    const g = new GraphBuilder('grouped');
    const x = g.input('x', 'float32', [1, 4, 5]);
    const w = floats(6 * 2 * 3, 'w');
    const y = g.op('Conv', [x, g.floats('w', [6, 2, 3], w)], { group: 2, kernel_shape: [3] });
    g.output(y, 'float32', [1, 6, 3], 'y');
    const batch = batchOf('x', [1, 4, 5], 'x');
    const [{ x: rows, rows: count }] = await capture(g.finish(), batch);
    expect(count).toBe(2 * 3);
    const found = await output(g.finish(), batch);
    const second = product(rows.subarray(3 * 6), w.subarray(3 * 6), 3, 6);
    const turned = second.map((_value, i) => found[(3 + (i % 3)) * 3 + Math.floor(i / 3)]);
    expectClose(turned, second, 6);
  });

  it('refuses a value that is not as wide as the layer', async () => {
    const g = new GraphBuilder('narrow');
    const x = g.input('x', 'float32', ['n', 4]);
    g.output(g.op('MatMul', [x, g.floats('w', [4, 2], floats(8, 'w'))]), 'float32', ['n', 2], 'y');
    const model = g.finish();
    const layers = findLayers(model).map((layer) => ({ ...layer, inFeatures: 3 }));
    await expect(capture(model, batchOf('x', [2, 4], 'x'), layers)).rejects.toThrow(
      'The value "x" has shape [2, 4], but the layer "w" reads rows of 3; leave this layer out of the recipe.',
    );
  });
});

it('reads heads and channels as columns, and tokens as rows', () => {
  // [batch 1, heads 2, tokens 3, channels 2]
  const data = Float32Array.from({ length: 12 }, (_, i) => i);
  const value = { dataType: DataType.float32, dims: [1, 2, 3, 2], data };
  expect(channelRows(value, [1, 3])).toEqual({
    ...{ rows: 3, columns: 4 },
    x: Float32Array.of(0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11),
  });
  const kept = channelRows(value, [1, 3], Uint8Array.of(1, 0, 1));
  expect(kept).toEqual({
    ...{ rows: 2, columns: 4 },
    x: Float32Array.of(0, 1, 6, 7, 4, 5, 10, 11),
  });
});
