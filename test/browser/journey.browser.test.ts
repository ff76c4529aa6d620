import { beforeAll, expect, it } from 'vitest';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { createWebGpuRuntime } from '../../src/runtime/ort-webgpu.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { deviceHost, journey, journeyRecipe } from '../support/page-journey.ts';

let wasm: Runtime;
beforeAll(async () => {
  wasm = await createWasmRuntime({ threads: 1 });
}, 60_000);

it('probe', async () => {
  const recipe = journeyRecipe('gptq', 'lora');
  let t = performance.now();
  const a = await journey(deviceHost(wasm), recipe);
  console.log('wasm', performance.now() - t);
  const gpu = await createWebGpuRuntime();
  t = performance.now();
  const b = await journey(deviceHost(gpu, wasm), recipe);
  console.log('webgpu', performance.now() - t);
  for (const { id, report } of [a, b])
    console.log(
      JSON.stringify(
        {
          id,
          e: report?.evaluation,
          d: report?.device,
          l: report?.layers.map((l) => l.relativeError),
          t: report?.training,
          w: report?.warnings,
          n: report?.notMeasured,
          p: report?.parity,
        },
        null,
        1,
      ),
    );
  expect(b.report?.device?.bytes).toEqual(['webgpu']);
});
