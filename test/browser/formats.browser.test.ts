import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORMAT_CASES } from '../../src/runtime/formats/cases.ts';
import { runsWholly, supports } from '../../src/runtime/formats/support.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { createWebGpuRuntime, type WebGpuRuntime } from '../../src/runtime/ort-webgpu.ts';
import type { Runtime } from '../../src/runtime/types.ts';

let wasm: Runtime;
let webgpu: WebGpuRuntime;
beforeAll(async () => {
  wasm = await createWasmRuntime({ threads: 2 });
  webgpu = await createWebGpuRuntime();
}, 60_000);
afterAll(() => {
  webgpu.gpu.destroy();
});

/** One probe of every form and use; `npm run formats` runs them all. */
const CHOSEN = [...new Map(FORMAT_CASES.map((one) => [`${one.group} ${one.use}`, one])).values()];
/**
 * What WebGPU refuses: onnxruntime has no kernel for these numbers there, and half scales are looked up
 * as halves, which this adapter cannot.
 */
const CPU_ONLY = /^(bfloat16|float8)|float16 scales, look-up$/;

describe('every form that an export can have', () => {
  const ids = CHOSEN.map(({ id }) => id);

  it.each(ids)('%s is computed right on WASM', async (id) => {
    expect(await supports(wasm, id)).toMatchObject({ ok: true });
  });

  const kernel = /^gather-block-quantized/;
  const refused = (id: string) => CPU_ONLY.test(id) && !kernel.test(id);

  it.each(ids.filter((id) => !refused(id)))('%s is computed right on WebGPU', async (id) => {
    expect(await supports(webgpu, id)).toMatchObject({ ok: true });
  });

  it.each(ids.filter(refused))('%s is refused on WebGPU', async (id) => {
    expect(await supports(webgpu, id)).toMatchObject({ ok: false });
  });

  it.each(
    CHOSEN.filter(({ form }) => form.startsWith('matmul-n') || form.startsWith('gather'))
      .filter(({ roundsInput }) => roundsInput !== true)
      .map(({ id }) => id),
  )('%s leaves nothing to the CPU', async (id) => {
    expect(await runsWholly(webgpu, id)).toBe(true);
  });
});
