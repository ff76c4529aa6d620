import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/core/onnx/build/graph-builder.ts';
import { readModel } from '../../src/core/onnx/read.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { normal, seededRandom } from '../../src/core/random/seeded.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { probe } from '../../src/runtime/capabilities.ts';
import { chooseDevice } from '../../src/runtime/choose-device.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { createWebGpuRuntime, type WebGpuRuntime } from '../../src/runtime/ort-webgpu.ts';
import { checkParity, parityReport } from '../../src/runtime/parity.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { activationsDigest, STORIES_ACTIVATIONS } from '../support/determinism.ts';

let wasm: Runtime;
let webgpu: WebGpuRuntime;
beforeAll(async () => {
  wasm = await createWasmRuntime({ threads: 2 });
  webgpu = await createWebGpuRuntime();
}, 60_000);
afterAll(() => {
  webgpu.gpu.destroy();
});

function floats(length: number, label: string): Float32Array {
  const random = seededRandom(9, label);
  return Float32Array.from({ length }, () => normal(random));
}

function linear(): Model {
  const g = new GraphBuilder('linear');
  const x = g.input('x', 'float32', ['n', 16]);
  const h = g.op('Relu', [g.op('MatMul', [x, g.floats('w', [16, 8], floats(128, 'w'))])]);
  g.output(g.op('MatMul', [h, g.floats('v', [8, 4], floats(32, 'v'))]), 'float32', ['n', 4], 'y');
  return g.finish();
}
const feeds = { x: { dataType: DataType.float32, dims: [3, 16], data: floats(48, 'x') } };

describe('the two runtimes of a page', () => {
  it('are what the probe says', async () => {
    const capabilities = await probe();
    expect(capabilities).toMatchObject({
      host: 'page',
      crossOriginIsolated: true,
      webgpu: { available: true, software: true, float16: false },
    });
    expect(chooseDevice(capabilities).device).toBe('wasm');
    expect(chooseDevice(capabilities, { device: 'webgpu' }).device).toBe('webgpu');
    expect(wasm.threads).toBe(2);
  });

  it('agree on MatMul, and parity says so', async () => {
    const parity = await checkParity(wasm, webgpu, linear(), feeds);
    expect(parity.equal).toBe(true);
    expect(parity.outputs[0].relative).toBeLessThan(2 ** -18);
    expect(parityReport(parity)).toMatchObject({ wasm: true, webgpu: true });
  });
});

describe('WebAssembly in a page', () => {
  it('gives the same bits as in Node', async () => {
    const answer = await fetch('/samples/stories/model.onnx');
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const model = await readModel(bytesSource(bytes));
    expect(await activationsDigest(wasm, model)).toBe(STORIES_ACTIVATIONS);
  });
});

describe('a failure on WebGPU', () => {
  it('does not poison what comes after, nor what runs beside it', async () => {
    const broken = webgpu.openBytes(Uint8Array.of(1, 2, 3, 4));
    const opening = webgpu.open(linear());
    await expect(broken).rejects.toMatchObject({ code: 'invalid-model' });
    const session = await opening;
    const short = { x: { ...feeds.x, dims: [4, 12] } };
    const runs = [session.run(feeds), session.run(short), session.run(feeds)];
    await expect(runs[1]).rejects.toMatchObject({ code: 'input-shape' });
    expect(await runs[0]).toEqual(await runs[2]);
    await session.release();
  });

  it('names an operator there is none of', async () => {
    const g = new GraphBuilder('odd');
    const x = g.input('x', 'float32', [2]);
    g.output(g.op('Frobnicate', [x], {}, { domain: 'com.microsoft' }), 'float32', [2], 'y');
    await expect(webgpu.open(g.finish({ domains: { 'com.microsoft': 1 } }))).rejects.toThrow(
      'The operator Frobnicate (node "/Frobnicate") has no implementation on WebGPU in this version of onnxruntime, so the model cannot run here; run it on WebAssembly.',
    );
  });

  it('refuses float16 arithmetic in words where the device has none', async () => {
    const g = new GraphBuilder('half');
    const x = g.input('x', 'float16', [2]);
    g.output(g.op('Add', [x, x]), 'float16', [2], 'y');
    await expect(webgpu.open(g.finish())).rejects.toThrow(
      'This graph computes in float16, but the graphics device has no float16 shaders; run it on WebAssembly, or export with float16 storage and float32 arithmetic.',
    );
  });
});

describe('a lost graphics device', () => {
  it('ends what waits for it with one sentence, and WebAssembly goes on', async () => {
    const lost =
      'The graphics device was lost (a driver reset, sleep, or too little GPU memory); finished work is kept, and the run goes on with WebAssembly.';
    const runtime = await createWebGpuRuntime();
    const session = await runtime.open(linear());
    await session.run(feeds);
    runtime.gpu.destroy();
    await expect(session.run(feeds)).rejects.toThrow(lost);
    await expect(runtime.open(linear())).rejects.toMatchObject({ code: 'device-lost' });
    await session.release();
    const fallback = await wasm.open(linear());
    expect((await fallback.run(feeds)).y.dims).toEqual([3, 4]);
    await fallback.release();
  });
});
