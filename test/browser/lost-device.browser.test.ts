import { expect, it } from 'vitest';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { createWebGpuRuntime } from '../../src/runtime/ort-webgpu.ts';
import { deviceHost, journey, journeyRecipe, LOST } from '../support/page-journey.ts';

it('has a step whose device is lost in the middle done again on WebAssembly, byte for byte', async () => {
  const wasm = await createWasmRuntime({ threads: 1 });
  const webgpu = await createWebGpuRuntime();
  const reference = await journey(deviceHost(wasm), journeyRecipe());
  const notices: string[] = [];
  let layers = 0;
  const trial = await journey(deviceHost(webgpu, wasm), journeyRecipe(), {
    onLayer: () => {
      layers += 1;
      if (layers === 3) webgpu.gpu.destroy();
    },
    onNotice: (sentence) => notices.push(sentence),
  });
  expect(notices).toEqual([LOST]);
  expect(trial.report?.warnings).toContain(LOST);
  expect(trial.report?.device).toMatchObject({ bytes: ['wasm'], measured: 'wasm' });
  expect(trial.report?.outputSha256).toBe(reference.report?.outputSha256);
  expect(trial.id).toBe(reference.id);
});
