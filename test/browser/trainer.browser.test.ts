import { describe, expect, it } from 'vitest';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { createWebGpuRuntime } from '../../src/runtime/ort-webgpu.ts';
import { storyLosses } from '../support/story-training.ts';

/** Buffers of a device that were made and not yet destroyed. */
function countBuffers(gpu: GPUDevice): { live: () => number } {
  let live = 0;
  const create = gpu.createBuffer.bind(gpu);
  gpu.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    live += 1;
    const destroy = buffer.destroy.bind(buffer);
    let destroyed = false;
    buffer.destroy = () => {
      if (!destroyed) live -= 1;
      destroyed = true;
      destroy();
    };
    return buffer;
  };
  return { live: () => live };
}

/** The software adapter takes about a second per step: all 50 run with VITE_LATHE_LONG=1, the first ones always. */
const STEPS = import.meta.env.VITE_LATHE_LONG === '1' ? 50 : 14;

describe(`${STEPS} of the 50 steps of the story layout in a page`, () => {
  it('have the same losses on WebGPU and WebAssembly, and leave no buffer behind', async () => {
    const wasm = await storyLosses(await createWasmRuntime({ threads: 1 }), undefined, STEPS);
    const runtime = await createWebGpuRuntime();
    const buffers = countBuffers(runtime.gpu);
    const counts: number[] = [];
    const webgpu = await storyLosses(runtime, () => counts.push(buffers.live()), STEPS);
    expect(webgpu).toHaveLength(STEPS);
    webgpu.forEach((loss, step) => {
      expect(Math.abs(loss - wasm[step]), `step ${step + 1}`).toBeLessThan(1e-4);
    });
    expect(counts[9]).toBeGreaterThan(10);
    expect(counts[STEPS - 1]).toBe(counts[9]);
    runtime.gpu.destroy();
  });
});
