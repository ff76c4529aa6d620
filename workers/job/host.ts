import { WASM_HEAP, type Host } from '../../src/engine/host.ts';
import { probe } from '../../src/runtime/capabilities.ts';
import { chooseDevice } from '../../src/runtime/choose-device.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { workerStorage } from '../storage.ts';

/** Opens something once, when first asked for. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}

/**
 * Calibration and measuring run on WebAssembly, whose results are the same bytes on every machine
 * (and headless); WebGPU is opened for the parity check alone.
 */
export async function jobHost(): Promise<Host> {
  return {
    storage: await workerStorage(),
    runtime: once(wasmRuntime),
    webgpu: once(webgpuRuntime),
    memoryLimit: WASM_HEAP,
    now: () => Date.now(),
    statistics: new Map(),
  };
}

async function wasmRuntime(): Promise<Runtime> {
  const { threads } = chooseDevice(await probe(), { device: 'wasm' });
  const { createWasmRuntime } = await import('../../src/runtime/ort-wasm.ts');
  return createWasmRuntime({ threads });
}

async function webgpuRuntime(): Promise<Runtime | undefined> {
  const { webgpu } = await probe();
  if (!webgpu.available) return undefined;
  const { createWebGpuRuntime } = await import('../../src/runtime/ort-webgpu.ts');
  return createWebGpuRuntime();
}
