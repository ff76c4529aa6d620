import { expect, it } from 'vitest';
import { createWebGpuRuntime } from '../../src/runtime/ort-webgpu.ts';
import { errorOff, momentsOff } from '../support/device-products.ts';

it('makes second moments and errors of layers on WebGPU, within float32 rounding', async () => {
  const webgpu = await createWebGpuRuntime();
  expect(await momentsOff(webgpu)).toBeLessThan(1);
  expect(await errorOff(webgpu)).toBeLessThan(1);
  webgpu.gpu.destroy();
});
