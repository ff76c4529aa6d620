import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readModel } from '../core/onnx/read.ts';
import { bytesSource } from '../core/onnx/source.ts';
import { memoryData } from '../core/onnx/tensor-data.ts';
import { GraphBuilder } from '../core/onnx/build/graph-builder.ts';
import type { Model } from '../core/onnx/types.ts';
import { languageFeeds } from './feeds.ts';
import { createNodeRuntime } from './ort-node.ts';
import { createWasmRuntime } from './ort-wasm.ts';
import { checkParity, differenceOf, isEqual, parityReport } from './parity.ts';
import { inputPorts } from './ports.ts';
import type { Runtime } from './types.ts';

const wasm = await createWasmRuntime({ threads: 1 });
const node = await createNodeRuntime({ threads: 1 });
const path = new URL('../../public/samples/stories/model.onnx', import.meta.url);
const stories = await readModel(bytesSource(new Uint8Array(await readFile(path))));
const feeds = languageFeeds(inputPorts(stories), { windows: [[1, 50, 60, 70, 80]] });

/** A device that computes one layer wrongly: its weight is off by `factor`. */
function wrongAt(weight: string, factor: number): Runtime {
  const spoil = async (model: Model): Promise<Model> => ({
    ...model,
    graph: {
      ...model.graph,
      initializers: await Promise.all(
        model.graph.initializers.map(async (tensor) => {
          if (tensor.name !== weight) return tensor;
          const bytes = (await tensor.data.read()).slice();
          const values = new Float32Array(bytes.buffer);
          values.forEach((value, i) => (values[i] = value * factor));
          return { ...tensor, data: memoryData(bytes) };
        }),
      ),
    },
  });
  return { ...wasm, open: async (model, options) => wasm.open(await spoil(model), options) };
}

describe('checkParity', () => {
  it('finds two correct devices equal', async () => {
    const parity = await checkParity(wasm, node, stories, feeds);
    expect(parity.equal).toBe(true);
    expect(parity.outputs.map((output) => output.name)).toEqual(['logits']);
    expect(parity.outputs[0].relative).toBeLessThan(2 ** -10);
    expect(parityReport(parity)).toEqual({
      wasm: true,
      webgpu: true,
      maxAbsDiff: parity.maxAbsDiff,
    });
  });

  it('names the first node that diverges', async () => {
    const layers = stories.graph.nodes.filter(
      ({ opType, inputs }) =>
        opType === 'MatMul' && stories.graph.initializers.some((t) => t.name === inputs[1]),
    );
    const culprit = layers[17];
    const parity = await checkParity(wasm, wrongAt(culprit.inputs[1], 1.2), stories, feeds);
    expect(parity.equal).toBe(false);
    expect(parity.firstDivergingNode).toBe(culprit.name);
    expect(parityReport(parity)).toMatchObject({ webgpu: false, firstDivergingNode: culprit.name });
  });

  it('names the only node of a graph', async () => {
    const g = new GraphBuilder('one');
    const x = g.input('x', 'float32', [2]);
    g.output(g.op('Mul', [x, g.floats('f', [1], Float32Array.of(2))]), 'float32', [2], 'y');
    const one = { x: { dataType: 1, dims: [2], data: Float32Array.of(1, 2) } };
    const parity = await checkParity(wasm, wrongAt('f', 2), g.finish(), one);
    expect(parity).toMatchObject({ maxAbsDiff: 4, firstDivergingNode: '/Mul' });
  });
});

describe('differenceOf', () => {
  const value = (...numbers: number[]) => ({
    dataType: 1,
    dims: [numbers.length],
    data: Float32Array.from(numbers),
  });

  it('is relative to the largest magnitude', () => {
    expect(differenceOf('y', value(1, -4), value(1, -3.5))).toMatchObject({
      maxAbsDiff: 0.5,
      relative: 0.125,
    });
  });

  it('lets equal infinities and NaN pass, and nothing else that is not finite', () => {
    const masked = value(-Infinity, NaN, 1);
    expect(isEqual(differenceOf('y', masked, value(-Infinity, NaN, 1)))).toBe(true);
    expect(isEqual(differenceOf('y', masked, value(0, NaN, 1)))).toBe(false);
    expect(isEqual(differenceOf('y', value(1, 2), value(1, NaN)))).toBe(false);
    expect(isEqual(differenceOf('y', value(1, 2), value(1, 2, 3)))).toBe(false);
    expect(isEqual(differenceOf('y', value(0, 0), value(0, 1e-9)))).toBe(false);
  });

  it('wants whole numbers equal', () => {
    const ids = (last: number) => ({
      dataType: 7,
      dims: [1],
      data: BigInt64Array.of(BigInt(last)),
    });
    expect(isEqual(differenceOf('ids', ids(1000), ids(1001)))).toBe(false);
    expect(isEqual(differenceOf('ids', ids(1000), ids(1000)))).toBe(true);
  });
});
