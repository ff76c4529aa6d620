/** Answers format probes inside a page; `in-browser.ts` asks. */
import { runsWholly, supports } from '../../src/runtime/formats/support.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { createWebGpuRuntime } from '../../src/runtime/ort-webgpu.ts';

const runtimes = {
  wasm: await createWasmRuntime({ threads: 1 }),
  webgpu: await createWebGpuRuntime(),
};

async function ask(device: keyof typeof runtimes, id: string) {
  const runtime = runtimes[device];
  const answer = await supports(runtime, id);
  const wholly = device === 'webgpu' && answer.ok ? await runsWholly(runtime, id) : undefined;
  return { ...answer, ...(wholly !== undefined && { wholly }) };
}

Object.assign(globalThis, { ask });
